#include "xml/unique_fields.hpp"

#include <algorithm>
#include <cctype>

#include "xml/document.hpp"
#include "xml/values.hpp"

namespace vmtool::xml {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

class Collector {
 public:
  void add(const std::string& kind, const std::string& value, const std::string& place = {}) {
    if (!value.empty()) fields.push_back({kind, value, place});
  }

  // SMBIOS type 1 and 3: what a system says of itself and of its chassis.
  void add_smbios(pugi::xml_node domain) {
    for (const pugi::xml_node info : domain.children("sysinfo")) {
      for (const char* table : {"system", "baseBoard", "chassis"}) {
        for (const pugi::xml_node entry : info.child(table).children("entry")) {
          const std::string name = entry.attribute("name").value();
          if (name == "serial" || name == "uuid" || name == "asset")
            add("smbios", entry.text().get(), std::string(table) + " " + name);
        }
      }
    }
  }

  void add_disk(pugi::xml_node disk) {
    const std::string target = disk.child("target").attribute("dev").value();
    add("disk serial", disk.child("serial").text().get(), target);
    add("wwn", lower(disk.child("wwn").text().get()), target);
    const std::string_view device = disk.attribute("device").as_string("disk");
    if (device != "disk" || disk.child("readonly") || disk.child("shareable")) return;
    const pugi::xml_node source = disk.child("source");
    for (const char* name : {"file", "dev", "dir"}) add("disk", source.attribute(name).value(), target);
    if (source.attribute("volume")) {
      add("disk", std::string(source.attribute("pool").value()) + "/" + source.attribute("volume").value(), target);
    }
  }

  void add_graphics(pugi::xml_node graphics) {
    const std::string type = graphics.attribute("type").value();
    const bool automatic = is_yes(graphics.attribute("autoport").value());
    for (const char* name : {"port", "tlsPort", "websocket"}) {
      const std::string port = graphics.attribute(name).value();
      if (!automatic && !port.starts_with("-")) add("port", port, type + " " + name);
    }
    add("path", graphics.attribute("socket").value(), type + " socket");
  }

  // Character devices: serial, console, channel; a console repeats the serial port that it stands for.
  void add_character(pugi::xml_node device, const char* name) {
    const pugi::xml_node source = device.child("source");
    const bool is_socket_of_ours = std::string_view(device.attribute("type").value()) == "unix";
    if (is_socket_of_ours || std::string_view(device.attribute("type").value()) == "file")
      add_path(source.attribute("path").value(), name);
    add_path(device.child("log").attribute("file").value(), std::string(name) + " log");
  }

  std::vector<UniqueField> fields;

 private:
  void add_path(const std::string& path, const std::string& place) {
    const bool known = std::any_of(fields.begin(), fields.end(), [&](const UniqueField& field) {
      return field.kind == "path" && field.value == path;
    });
    if (!known) add("path", path, place);
  }
};

}  // namespace

std::vector<UniqueField> unique_fields(std::string_view domain_xml) {
  const pugi::xml_document document = parse_root(domain_xml, "domain");
  const pugi::xml_node domain = document.document_element();
  const pugi::xml_node devices = domain.child("devices");
  Collector found;
  found.add("uuid", lower(domain.child("uuid").text().get()));
  found.add("genid", lower(domain.child("genid").text().get()));
  found.add_smbios(domain);
  found.add("nvram", domain.child("os").child("nvram").text().get());
  found.add("nvram", domain.child("os").child("nvram").child("source").attribute("file").value());
  for (const pugi::xml_node disk : devices.children("disk")) found.add_disk(disk);
  for (const pugi::xml_node interface : devices.children("interface")) {
    found.add("mac", lower(interface.child("mac").attribute("address").value()),
              interface.child("target").attribute("dev").value());
  }
  const pugi::xml_node cid = devices.child("vsock").child("cid");
  if (!is_yes(cid.attribute("auto").value())) found.add("vsock cid", cid.attribute("address").value());
  for (const pugi::xml_node graphics : devices.children("graphics")) found.add_graphics(graphics);
  for (const char* name : {"serial", "console", "parallel", "channel"}) {
    for (const pugi::xml_node device : devices.children(name)) found.add_character(device, name);
  }
  for (const pugi::xml_node memory : devices.children("shmem")) found.add("shmem", memory.attribute("name").value());
  return std::move(found.fields);
}

}  // namespace vmtool::xml
