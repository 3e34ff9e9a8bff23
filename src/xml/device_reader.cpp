#include "xml/device_reader.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "xml/values.hpp"

namespace vmtool::xml {
namespace {

std::string_view text_of(pugi::xml_attribute attribute) { return attribute.value(); }

std::optional<unsigned> read_boot_order(pugi::xml_node device) {
  return read_unsigned(device.child("boot").attribute("order").value());
}

// Where the data lie: a file, a block device, a directory; a name for what lies on the network.
void read_source(pugi::xml_node source, model::Disk& disk) {
  if (source.attribute("volume")) {
    disk.volume = source.attribute("volume").value();
    disk.pool = source.attribute("pool").value();
    return;
  }
  for (const char* name : {"file", "dev", "dir"}) {
    if (source.attribute(name)) disk.path = source.attribute(name).value();
  }
  disk.volume = std::filesystem::path(disk.path).filename().string();
  if (disk.path.empty()) disk.volume = source.attribute("name").value();
}

std::optional<model::Disk> read_disk(pugi::xml_node node) {
  const std::string_view device = node.attribute("device").as_string("disk");
  if (device != "disk") return std::nullopt;
  model::Disk disk;
  disk.target = node.child("target").attribute("dev").value();
  disk.name = disk.target;
  read_source(node.child("source"), disk);
  const pugi::xml_node driver = node.child("driver");
  // Without a type libvirt takes a disk for raw; without discard QEMU ignores it.
  disk.format = driver.attribute("type") ? disk.format : model::DiskFormat::raw;
  read_word(disk.format, text_of(driver.attribute("type")));
  disk.cache = model::from_text<model::DiskCache>(text_of(driver.attribute("cache")));
  disk.io = model::from_text<model::DiskIo>(text_of(driver.attribute("io")));
  disk.discard = model::DiskDiscard::ignore;
  read_word(disk.discard, text_of(driver.attribute("discard")));
  read_word(disk.bus, text_of(node.child("target").attribute("bus")));
  disk.boot_order = read_boot_order(node);
  disk.serial = node.child("serial").text().get();
  disk.read_only = static_cast<bool>(node.child("readonly"));
  return disk;
}

std::optional<model::Interface> read_interface(pugi::xml_node node) {
  model::Interface interface;
  const std::string_view type = text_of(node.attribute("type"));
  if (type == "network") {
    interface.network = node.child("source").attribute("network").value();
  } else if (type == "bridge") {
    interface.bridge = node.child("source").attribute("bridge").value();
  } else if (type != "user") {
    return std::nullopt;
  }
  read_word(interface.model, text_of(node.child("model").attribute("type")));
  interface.mac = model::parse_mac(text_of(node.child("mac").attribute("address")));
  interface.boot_order = read_boot_order(node);
  interface.mtu = read_unsigned(text_of(node.child("mtu").attribute("size")));
  return interface;
}

std::optional<model::Graphics> read_graphics(pugi::xml_node node) {
  const auto type = model::from_text<model::GraphicsType>(text_of(node.attribute("type")));
  if (!type) return std::nullopt;
  model::Graphics graphics;
  graphics.type = *type;
  const pugi::xml_node listen = node.find_child_by_attribute("listen", "type", "address");
  if (listen.attribute("address")) {
    graphics.listen = listen.attribute("address").value();
  } else if (node.attribute("listen")) {
    graphics.listen = node.attribute("listen").value();
  }
  // A running guest shows the port that "automatic" came to.
  if (!is_yes(text_of(node.attribute("autoport")))) graphics.port = read_unsigned(text_of(node.attribute("port")));
  return graphics;
}

model::Console read_console(pugi::xml_node devices) {
  model::Console console{.log = false, .log_path = {}};
  const pugi::xml_node serial = devices.child("serial");
  const pugi::xml_node log = (serial ? serial : devices.child("console")).child("log");
  if (log.attribute("file")) console = {.log = true, .log_path = log.attribute("file").value()};
  return console;
}

}  // namespace

void read_devices(pugi::xml_node domain, model::VirtualMachine& machine) {
  const pugi::xml_node devices = domain.child("devices");
  for (const pugi::xml_node node : devices.children("disk")) {
    if (auto disk = read_disk(node)) machine.disks.push_back(std::move(*disk));
  }
  for (const pugi::xml_node node : devices.children("interface")) {
    auto interface = read_interface(node);
    if (!interface) continue;
    interface->name = fmt::format("net{}", machine.interfaces.size());
    machine.interfaces.push_back(std::move(*interface));
  }
  for (const pugi::xml_node node : devices.children("graphics")) {
    if (auto graphics = read_graphics(node)) machine.graphics.push_back(std::move(*graphics));
  }
  machine.console = read_console(devices);
  const pugi::xml_node random = devices.child("rng").find_child_by_attribute("backend", "model", "random");
  if (random.text()) machine.rng.source = random.text().get();
  machine.guest_agent = false;
  for (const pugi::xml_node channel : devices.children("channel")) {
    if (text_of(channel.child("target").attribute("name")) == "org.qemu.guest_agent.0") machine.guest_agent = true;
  }
}

}  // namespace vmtool::xml
