#include "xml/appliance.hpp"

#include "model/targets.hpp"
#include "xml/document.hpp"

namespace vmtool::xml {
namespace {

void append_source(pugi::xml_node disk, const std::pair<std::string, std::string>& image) {
  set(append(disk, "source"), "file", image.first);
}

void append_disk(pugi::xml_node devices, const ApplianceDisk& disk, unsigned number, bool read_only) {
  pugi::xml_node node = append(devices, "disk");
  set(node, "type", "file");
  set(node, "device", "disk");
  pugi::xml_node driver = append(node, "driver");
  set(driver, "name", "qemu");
  set(driver, "type", disk.chain.front().second);
  append_source(node, disk.chain.front());
  pugi::xml_node above = node;
  for (std::size_t i = 1; i < disk.chain.size(); ++i) {
    above = append(above, "backingStore");
    set(above, "type", "file");
    set(append(above, "format"), "type", disk.chain[i].second);
    append_source(above, disk.chain[i]);
  }
  // The end of the chain, whatever its last header says.
  append(above, "backingStore");
  pugi::xml_node target = append(node, "target");
  set(target, "dev", model::target_name("vd", number));
  set(target, "bus", "virtio");
  append(node, "serial", disk.serial);
  if (read_only) append(node, "readonly");
}

void append_os(pugi::xml_node root, const ApplianceDomain& domain) {
  pugi::xml_node os = append(root, "os");
  pugi::xml_node type = append(os, "type", "hvm");
  set(type, "arch", "x86_64");
  set(type, "machine", "pc");
  append(os, "kernel", domain.kernel);
  append(os, "initrd", domain.initramfs);
  append(os, "cmdline", domain.command_line);
}

}  // namespace

std::string write_appliance(const ApplianceDomain& domain) {
  pugi::xml_document document;
  pugi::xml_node root = append(document, "domain");
  set(root, "type", "qemu");
  append(root, "name", domain.name);
  append(root, "uuid", domain.uuid);
  set(append(root, "memory", "256"), "unit", "MiB");
  append(root, "vcpu", "1");
  append_os(root, domain);
  append(append(root, "features"), "acpi");
  for (const char* event : {"on_poweroff", "on_reboot", "on_crash"}) append(root, event, "destroy");
  pugi::xml_node devices = append(root, "devices");
  unsigned number = 0;
  for (const ApplianceDisk& disk : domain.disks) append_disk(devices, disk, number++, domain.read_only);
  pugi::xml_node usb = append(devices, "controller");
  set(usb, "type", "usb");
  set(usb, "model", "none");
  set(append(devices, "serial"), "type", "pty");
  pugi::xml_node channel = append(devices, "channel");
  set(channel, "type", "unix");
  pugi::xml_node target = append(channel, "target");
  set(target, "type", "virtio");
  set(target, "name", domain.port);
  pugi::xml_node rng = append(devices, "rng");
  set(rng, "model", "virtio");
  set(append(rng, "backend", "/dev/urandom"), "model", "random");
  set(append(devices, "memballoon"), "model", "none");
  return serialize(root);
}

std::string write_appliance_volume(const std::string& name, std::uint64_t size) {
  pugi::xml_document document;
  pugi::xml_node root = append(document, "volume");
  append(root, "name", name);
  set(append(root, "capacity", std::to_string(size)), "unit", "bytes");
  set(append(root, "allocation", "0"), "unit", "bytes");
  pugi::xml_node target = append(root, "target");
  set(append(target, "format"), "type", "raw");
  append(append(target, "permissions"), "mode", "0644");
  return serialize(root);
}

}  // namespace vmtool::xml
