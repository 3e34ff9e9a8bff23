#include "xml/clone_source.hpp"

#include <fmt/format.h>

#include "util/text.hpp"
#include "xml/clone_draft.hpp"
#include "xml/document.hpp"
#include "xml/metadata.hpp"
#include "xml/spaces.hpp"
#include "xml/template_mark.hpp"
#include "xml/values.hpp"

namespace vmtool::xml {
namespace {

SourceDisk read_disk(pugi::xml_node node, pugi::xml_node ours) {
  SourceDisk disk;
  const pugi::xml_node source = node.child("source");
  disk.target = node.child("target").attribute("dev").value();
  const pugi::xml_node known = ours.find_child_by_attribute("vmtool:disk", "target", disk.target.c_str());
  disk.name = known ? known.attribute("name").value() : disk.target;
  disk.device = node.attribute("device").as_string("disk");
  disk.type = node.attribute("type").as_string("file");
  for (const char* name : {"file", "dev", "dir"}) {
    if (source.attribute(name)) disk.path = source.attribute(name).value();
  }
  disk.pool = source.attribute("pool").value();
  disk.volume = source.attribute("volume").value();
  disk.format = node.child("driver").attribute("type").as_string("raw");
  disk.is_read_only = node.child("readonly") || disk.device == "cdrom";
  disk.is_shareable = static_cast<bool>(node.child("shareable"));
  disk.is_encrypted = node.child("encryption") || source.child("encryption");
  disk.is_slice = static_cast<bool>(source.child("slices"));
  return disk;
}

SourceInterface read_interface(pugi::xml_node node, pugi::xml_node ours, std::size_t index) {
  SourceInterface interface;
  interface.mac = lower_case(node.child("mac").attribute("address").value());
  const pugi::xml_node known = ours.find_child_by_attribute("vmtool:interface", "mac", interface.mac.c_str());
  interface.name = known ? known.attribute("name").value() : fmt::format("net{}", index);
  interface.network = node.child("source").attribute("network").value();
  return interface;
}

bool is_template_mark(pugi::xml_node node) { return is_in_space(node, template_space); }

void add_port(std::vector<unsigned>& ports, pugi::xml_attribute attribute) {
  if (const auto port = util::parse_decimal(attribute.value(), 65535)) ports.push_back(static_cast<unsigned>(*port));
}

}  // namespace

CloneSource read_clone_source(std::string_view xml) {
  const pugi::xml_document document = parse_root(xml, "domain");
  const pugi::xml_node domain = document.document_element();
  const pugi::xml_node devices = domain.child("devices");
  const pugi::xml_node ours = find_metadata(domain, "vmtool:machine");
  CloneSource source;
  source.name = domain.child("name").text().get();
  source.uuid = domain.child("uuid").text().get();
  const auto metadata = domain.child("metadata").children();
  source.is_template = std::any_of(metadata.begin(), metadata.end(), is_template_mark);
  for (const pugi::xml_node node : devices.children("disk")) source.disks.push_back(read_disk(node, ours));
  for (const pugi::xml_node node : devices.children("interface")) {
    source.interfaces.push_back(read_interface(node, ours, source.interfaces.size()));
  }
  const pugi::xml_node nvram = domain.child("os").child("nvram");
  source.nvram = nvram.child("source") ? nvram.child("source").attribute("file").value() : nvram.text().get();
  source.has_emulated_tpm =
      std::string_view(devices.child("tpm").child("backend").attribute("type").value()) == "emulator";
  source.binds_ports = std::any_of(devices.begin(), devices.end(),
                                   [](pugi::xml_node device) { return static_cast<bool>(listening_source(device)); });
  return source;
}

std::vector<unsigned> claimed_ports(std::string_view xml) {
  const pugi::xml_document document = parse_root(xml, "domain");
  std::vector<unsigned> ports;
  for (const pugi::xml_node device : document.document_element().child("devices").children()) {
    if (const pugi::xml_node source = listening_source(device)) add_port(ports, source.attribute("service"));
    if (std::string_view(device.name()) != "graphics") continue;
    for (const char* name : {"port", "tlsPort", "websocket"}) add_port(ports, device.attribute(name));
  }
  return ports;
}

}  // namespace vmtool::xml
