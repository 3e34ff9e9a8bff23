#include <algorithm>

#include "util/duration.hpp"
#include "util/error.hpp"
#include "util/text.hpp"
#include "xml/document.hpp"
#include "xml/metadata.hpp"
#include "xml/values.hpp"

namespace vmtool::xml {
namespace {

std::optional<std::string> optional_text(pugi::xml_attribute attribute) {
  if (!attribute) return std::nullopt;
  return attribute.value();
}

std::optional<util::Bytes> optional_bytes(pugi::xml_attribute attribute) {
  const auto count = util::parse_decimal(attribute.value());
  if (!count) return std::nullopt;
  return util::Bytes{*count};
}

// libvirt replaces an alias by the newest versioned type: "q35" becomes "pc-q35-7.2".
bool is_alias_of(std::string_view alias, std::string_view type) {
  if (alias == type) return true;
  const std::string_view stem = alias == "q35" ? "pc-q35-" : alias == "pc" ? "pc-i440fx-" : std::string_view();
  return !stem.empty() && type.substr(0, stem.size()) == stem;
}

// Whether the CPU is what stands for "not given": host-model under KVM, and what libvirt fills in under emulation.
bool is_default_cpu(const model::VirtualMachine& machine) {
  const model::Cpu& cpu = machine.cpu;
  if (machine.domain_type == model::DomainType::kvm) return cpu.mode == model::CpuMode::host_model;
  return !cpu.mode || (cpu.mode == model::CpuMode::custom && cpu.model == "qemu64");
}

void read_disk(pugi::xml_node node, model::Disk& disk) {
  disk.name = node.attribute("name").value();
  disk.image = optional_text(node.attribute("image"));
  disk.volume = optional_text(node.attribute("volume"));
  disk.backing = model::from_text<model::Backing>(node.attribute("backing").value());
  disk.capacity = optional_bytes(node.attribute("capacity"));
  if (const auto pool = optional_text(node.attribute("pool"))) disk.pool = *pool;
  read_word(disk.preallocation, node.attribute("preallocation").value());
}

void read_disks(pugi::xml_node metadata, std::vector<model::Disk>& disks) {
  auto next = disks.begin();
  for (const pugi::xml_node node : metadata.children("vmtool:disk")) {
    const std::string_view target = node.attribute("target").value();
    const auto found = std::find_if(next, disks.end(), [&](const model::Disk& disk) { return disk.target == target; });
    if (found == disks.end()) continue;
    read_disk(node, *found);
    std::rotate(next, found, found + 1);
    ++next;
  }
}

void read_interfaces(pugi::xml_node metadata, std::vector<model::Interface>& interfaces) {
  std::ptrdiff_t position = -1;
  for (const pugi::xml_node node : metadata.children("vmtool:interface")) {
    ++position;
    const auto mac = model::parse_mac(node.attribute("mac").value());
    // An address that was left open at definition is libvirt's choice now: it goes by its place.
    const auto found = mac ? std::find_if(interfaces.begin(), interfaces.end(),
                                          [&](const model::Interface& interface) { return interface.mac == mac; })
                           : interfaces.begin() + std::min(position, std::ssize(interfaces));
    if (found == interfaces.end()) continue;
    found->name = node.attribute("name").value();
    found->address = model::parse_ip(node.attribute("address").value());
  }
}

// Only as long as it is in a drive of the machine.
std::optional<model::Seed> read_seed(pugi::xml_node domain, pugi::xml_node metadata) {
  const pugi::xml_node node = metadata.child("vmtool:seed");
  const std::string_view path = node.attribute("path").value();
  const auto disks = domain.child("devices").children("disk");
  const auto holds_it = [&](pugi::xml_node disk) { return disk.child("source").attribute("file").value() == path; };
  if (!node || std::none_of(disks.begin(), disks.end(), holds_it)) return std::nullopt;
  return model::Seed{std::string(path), node.attribute("digest").value()};
}

void read_stop_timeout(std::string_view text, std::chrono::milliseconds& target) {
  try {
    target = util::parse_duration(text);
  } catch (const util::Error&) {
    // Edited by hand into something else: the default stays, as for everything that can't be read.
  }
}

}  // namespace

std::vector<model::XmlEdit> read_edits(pugi::xml_node metadata) {
  std::vector<model::XmlEdit> edits;
  for (const pugi::xml_node node : metadata.children("vmtool:edit")) {
    edits.push_back({.xpath = node.attribute("xpath").value(),
                     .set = optional_text(node.attribute("set")),
                     .add = optional_text(node.attribute("add")),
                     .remove = is_yes(node.attribute("delete").value())});
  }
  return edits;
}

void read_metadata(pugi::xml_node domain, model::VirtualMachine& machine) {
  const pugi::xml_node node = find_metadata(domain, "vmtool:machine");
  if (!node) return;
  const std::string_view alias = node.attribute("machine").value();
  if (is_alias_of(alias, machine.machine)) machine.machine = alias;
  if (std::string_view(node.attribute("cpu").value()) == "default" && is_default_cpu(machine)) {
    machine.cpu.mode = std::nullopt;
    machine.cpu.model.clear();
  }
  // A log that is asked for and has no file yet, as in a rendered machine.
  if (!machine.console.log) machine.console.log = is_yes(node.attribute("log").value());
  read_stop_timeout(node.attribute("stopTimeout").value(), machine.stop_timeout);
  machine.is_protected = is_yes(node.attribute("protected").value());
  for (const pugi::xml_node label : node.children("vmtool:label")) {
    machine.labels.emplace(label.attribute("name").value(), label.attribute("value").value());
  }
  read_disks(node, machine.disks);
  read_interfaces(node, machine.interfaces);
  machine.seed = read_seed(domain, node);
  machine.xml = read_edits(node);
  if (const pugi::xml_node manifest = node.child("vmtool:manifest")) {
    machine.provenance = {manifest.text().get(), manifest.attribute("digest").value()};
  }
}

}  // namespace vmtool::xml
