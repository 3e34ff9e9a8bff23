#include "xml/metadata.hpp"

#include <fmt/format.h>

#include "util/duration.hpp"
#include "xml/document.hpp"
#include "xml/values.hpp"

namespace vmtool::xml {
namespace {

constexpr const char* space = "urn:vmtool:xmlns:1";

template <class T, class ToText>
void set_optional(pugi::xml_node node, const char* name, const std::optional<T>& value, ToText to_text) {
  if (value) set(node, name, to_text(*value));
}

void remember_disk(pugi::xml_node parent, const model::Disk& disk) {
  const auto same = [](const std::string& text) { return text; };
  pugi::xml_node node = append(parent, "vmtool:disk");
  set(node, "name", disk.name);
  set(node, "target", disk.target);
  set_optional(node, "image", disk.image, same);
  set_optional(node, "volume", disk.volume, same);
  set_optional(node, "backing", disk.backing, [](model::Backing value) { return model::to_text(value); });
  set_optional(node, "capacity", disk.capacity, [](util::Bytes size) { return fmt::format("{}", size.count); });
  set(node, "pool", disk.pool);
  set(node, "preallocation", model::to_text(disk.preallocation));
}

void remember_interface(pugi::xml_node parent, const model::Interface& interface) {
  pugi::xml_node node = append(parent, "vmtool:interface");
  set(node, "name", interface.name);
  set_optional(node, "mac", interface.mac, [](const model::MacAddress& mac) { return model::to_text(mac); });
  set_optional(node, "address", interface.address,
               [](const model::IpAddress& address) { return model::to_text(address); });
}

}  // namespace

void write_edits(pugi::xml_node metadata, const std::vector<model::XmlEdit>& edits) {
  for (const model::XmlEdit& edit : edits) {
    pugi::xml_node node = append(metadata, "vmtool:edit");
    set(node, "xpath", edit.xpath);
    if (edit.set) set(node, "set", *edit.set);
    if (edit.add) set(node, "add", *edit.add);
    if (edit.remove) set(node, "delete", yes_no(edit.remove));
  }
}

pugi::xml_node append_metadata(pugi::xml_node root, const char* name) {
  pugi::xml_node node = append(append(root, "metadata"), name);
  set(node, "xmlns:vmtool", space);
  return node;
}

pugi::xml_node find_metadata(pugi::xml_node root, const char* name) {
  const pugi::xml_node node = root.child("metadata").child(name);
  return std::string_view(node.attribute("xmlns:vmtool").value()) == space ? node : pugi::xml_node();
}

void write_metadata(pugi::xml_node domain, const model::VirtualMachine& machine) {
  pugi::xml_node node = append_metadata(domain, "vmtool:machine");
  set(node, "machine", machine.machine);
  set(node, "cpu", machine.cpu.mode ? "given" : "default");
  set(node, "log", yes_no(machine.console.log));
  set(node, "stopTimeout", util::to_text(machine.stop_timeout));
  set(node, "protected", yes_no(machine.is_protected));
  for (const auto& [name, value] : machine.labels) {
    pugi::xml_node label = append(node, "vmtool:label");
    set(label, "name", name);
    set(label, "value", value);
  }
  for (const model::Disk& disk : machine.disks) remember_disk(node, disk);
  for (const model::Interface& interface : machine.interfaces) remember_interface(node, interface);
  if (machine.seed) {
    pugi::xml_node seed = append(node, "vmtool:seed");
    set(seed, "path", machine.seed->path);
    set(seed, "digest", machine.seed->digest);
  }
  write_edits(node, machine.xml);
  if (machine.provenance) {
    set(append(node, "vmtool:manifest", machine.provenance->manifest), "digest", machine.provenance->digest);
  }
}

}  // namespace vmtool::xml
