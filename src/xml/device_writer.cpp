#include "xml/device_writer.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/targets.hpp"
#include "xml/document.hpp"
#include "xml/values.hpp"

namespace vmtool::xml {
namespace {

void write_boot_order(pugi::xml_node device, const std::optional<unsigned>& order) {
  if (order) set(append(device, "boot"), "order", fmt::format("{}", *order));
}

void write_disk(pugi::xml_node devices, const model::VirtualMachine& machine, const model::Disk& disk) {
  pugi::xml_node node = append(devices, "disk");
  const bool is_placed = !disk.path.empty();
  set(node, "type", is_placed ? "file" : "volume");
  set(node, "device", "disk");
  pugi::xml_node driver = append(node, "driver");
  set(driver, "name", "qemu");
  set(driver, "type", model::to_text(disk.format));
  if (disk.cache) set(driver, "cache", model::to_text(*disk.cache));
  if (disk.io) set(driver, "io", model::to_text(*disk.io));
  set(driver, "discard", model::to_text(disk.discard));
  pugi::xml_node source = append(node, "source");
  if (is_placed) {
    set(source, "file", disk.path);
  } else {
    set(source, "pool", disk.pool);
    set(source, "volume", model::volume_name(machine, disk));
  }
  pugi::xml_node target = append(node, "target");
  set(target, "dev", disk.target);
  set(target, "bus", model::to_text(disk.bus));
  if (disk.read_only) append(node, "readonly");
  if (!disk.serial.empty()) append(node, "serial", disk.serial);
  write_boot_order(node, disk.boot_order);
}

// A CD-ROM, which every image with cloud-init looks at; SATA, since q35 has no IDE.
void write_seed(pugi::xml_node devices, const model::VirtualMachine& machine, const model::Seed& seed) {
  const auto is_taken = [&](const std::string& target) {
    return std::any_of(machine.disks.begin(), machine.disks.end(),
                       [&](const model::Disk& disk) { return disk.target == target; });
  };
  unsigned index = 0;
  while (is_taken(model::target_name("sd", index))) ++index;
  pugi::xml_node node = append(devices, "disk");
  set(node, "type", "file");
  set(node, "device", "cdrom");
  pugi::xml_node driver = append(node, "driver");
  set(driver, "name", "qemu");
  set(driver, "type", "raw");
  set(append(node, "source"), "file", seed.path);
  pugi::xml_node target = append(node, "target");
  set(target, "dev", model::target_name("sd", index));
  set(target, "bus", "sata");
  append(node, "readonly");
}

void write_interface(pugi::xml_node devices, const model::Interface& interface) {
  pugi::xml_node node = append(devices, "interface");
  set(node, "type", interface.network ? "network" : interface.bridge ? "bridge" : "user");
  if (interface.mac) {
    set(append(node, "mac"), "address", model::to_text(*interface.mac));
  } else {
    remark(node, "mac: derived from the host when the machine is defined");
  }
  if (interface.network) {
    set(append(node, "source"), "network", *interface.network);
  } else if (interface.bridge) {
    set(append(node, "source"), "bridge", *interface.bridge);
  }
  set(append(node, "model"), "type", model::to_text(interface.model));
  if (interface.mtu) set(append(node, "mtu"), "size", fmt::format("{}", *interface.mtu));
  write_boot_order(node, interface.boot_order);
}

void write_controllers(pugi::xml_node devices, const model::VirtualMachine& machine) {
  // xHCI serves every USB speed by one controller; libvirt's default for q35 is older.
  pugi::xml_node usb = append(devices, "controller");
  set(usb, "type", "usb");
  set(usb, "index", "0");
  set(usb, "model", "qemu-xhci");
  const auto is_scsi = [](const model::Disk& disk) { return disk.bus == model::DiskBus::scsi; };
  if (std::any_of(machine.disks.begin(), machine.disks.end(), is_scsi)) {
    pugi::xml_node scsi = append(devices, "controller");
    set(scsi, "type", "scsi");
    set(scsi, "index", "0");
    set(scsi, "model", "virtio-scsi");
  }
}

void write_log(pugi::xml_node device, const model::Console& console) {
  if (!console.log || console.log_path.empty()) return;
  pugi::xml_node log = append(device, "log");
  set(log, "file", console.log_path);
  set(log, "append", "on");
}

// libvirt shows the first serial port a second time as console, with the same log.
void write_console(pugi::xml_node devices, const model::Console& console) {
  pugi::xml_node serial = append(devices, "serial");
  set(serial, "type", "pty");
  write_log(serial, console);
  pugi::xml_node port = append(serial, "target");
  set(port, "type", "isa-serial");
  set(port, "port", "0");
  set(append(port, "model"), "name", "isa-serial");
  pugi::xml_node node = append(devices, "console");
  set(node, "type", "pty");
  write_log(node, console);
  pugi::xml_node target = append(node, "target");
  set(target, "type", "serial");
  set(target, "port", "0");
}

void write_agent(pugi::xml_node devices) {
  pugi::xml_node node = append(devices, "channel");
  set(node, "type", "unix");
  pugi::xml_node target = append(node, "target");
  set(target, "type", "virtio");
  set(target, "name", "org.qemu.guest_agent.0");
}

void write_graphics(pugi::xml_node devices, const model::Graphics& graphics) {
  pugi::xml_node node = append(devices, "graphics");
  set(node, "type", model::to_text(graphics.type));
  set(node, "port", graphics.port ? fmt::format("{}", *graphics.port) : "-1");
  set(node, "autoport", yes_no(!graphics.port));
  set(node, "listen", graphics.listen);
  pugi::xml_node listen = append(node, "listen");
  set(listen, "type", "address");
  set(listen, "address", graphics.listen);
}

// A tablet reports absolute positions, so that the pointer of a remote screen and the guest's stay together.
void write_tablet(pugi::xml_node devices) {
  pugi::xml_node node = append(devices, "input");
  set(node, "type", "tablet");
  set(node, "bus", "usb");
}

void write_video(pugi::xml_node devices) {
  pugi::xml_node model = append(append(devices, "video"), "model");
  set(model, "type", "virtio");
  set(model, "heads", "1");
  set(model, "primary", "yes");
}

void write_rng(pugi::xml_node devices, const model::Rng& rng) {
  pugi::xml_node node = append(devices, "rng");
  set(node, "model", "virtio");
  set(append(node, "backend", rng.source), "model", "random");
}

// Free page reporting gives memory that the guest does not use back to the host without anybody asking.
void write_balloon(pugi::xml_node devices) {
  pugi::xml_node node = append(devices, "memballoon");
  set(node, "model", "virtio");
  set(node, "freePageReporting", "on");
}

}  // namespace

void write_devices(pugi::xml_node domain, const model::VirtualMachine& machine) {
  pugi::xml_node devices = append(domain, "devices");
  for (const model::Disk& disk : machine.disks) write_disk(devices, machine, disk);
  if (machine.seed) write_seed(devices, machine, *machine.seed);
  write_controllers(devices, machine);
  for (const model::Interface& interface : machine.interfaces) write_interface(devices, interface);
  write_console(devices, machine.console);
  if (machine.guest_agent) write_agent(devices);
  if (!machine.graphics.empty()) write_tablet(devices);
  for (const model::Graphics& graphics : machine.graphics) write_graphics(devices, graphics);
  if (!machine.graphics.empty()) write_video(devices);
  write_balloon(devices);
  write_rng(devices, machine.rng);
}

}  // namespace vmtool::xml
