#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "model/check_rules.hpp"
#include "util/text.hpp"

namespace vmtool::model {
namespace {

constexpr std::size_t longest_virtio_serial = 20;
constexpr std::size_t longest_serial = 36;

void check_source(const Disk& disk, const std::string& path, Findings& findings) {
  if (disk.image && disk.volume) {
    findings.add(path, "a disk has an image or a volume, not both");
  } else if (!disk.image && !disk.volume && !disk.capacity) {
    findings.add(path, "a disk needs an image, a volume or a capacity",
                 "add 'image: NAME', 'volume: NAME', or 'capacity: 20GiB' for an empty disk");
  }
  if (disk.image) findings.check_reference(path + ".image", *disk.image);
  if (disk.volume) findings.check_reference(path + ".volume", *disk.volume);
  if (disk.volume && disk.capacity)
    findings.add(path + ".capacity", "a disk of a volume has the volume's capacity", "remove 'capacity'");
  if (disk.capacity) findings.check_capacity(path + ".capacity", *disk.capacity);
}

void check_backing(const Disk& disk, const std::string& path, Findings& findings) {
  if (disk.backing && !disk.image) {
    findings.add(path + ".backing", "only a disk of an image has a backing", "add 'image', or remove 'backing'");
  }
  const bool linked = disk.image && disk.backing.value_or(Backing::linked) == Backing::linked;
  if (linked && disk.format != DiskFormat::qcow2) {
    findings.add(path + ".format", fmt::format("a linked disk can't be {}", to_text(disk.format)),
                 "write 'backing: full', or 'format: qcow2'");
  }
  if (disk.preallocation == Preallocation::off) return;
  const std::string here = path + ".preallocation";
  if (linked)
    findings.add(here, "a linked disk can't be preallocated", "write 'backing: full', or remove 'preallocation'");
  if (disk.volume) findings.add(here, "a volume has its own preallocation", "write it in the Volume document");
  if (disk.preallocation == Preallocation::metadata && disk.format != DiskFormat::qcow2) {
    findings.add(here, "preallocation metadata needs format qcow2", "write falloc or full");
  }
}

void check_serial(const Disk& disk, const std::string& path, Findings& findings) {
  const std::size_t limit = disk.bus == DiskBus::virtio ? longest_virtio_serial : longest_serial;
  if (disk.serial.size() > limit) {
    findings.add(path, fmt::format("a serial number on bus {} has {} characters at most", to_text(disk.bus), limit));
  }
  // What libvirt takes (SERIAL_CHARS in its domain_conf.c), without the space, which guests show in different ways.
  const bool good = std::all_of(disk.serial.begin(), disk.serial.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == '+';
  });
  if (!good)
    findings.add(path, fmt::format("the serial number '{}' may have letters, digits and _ - . +",
                                   util::printable(disk.serial, 80)));
}

void check_disk(const Disk& disk, const std::string& path, Findings& findings) {
  findings.check_name(path + ".name", disk.name);
  findings.check_reference(path + ".pool", disk.pool);
  check_source(disk, path, findings);
  check_backing(disk, path, findings);
  check_serial(disk, path + ".serial", findings);
  const bool direct = disk.cache == DiskCache::none || disk.cache == DiskCache::directsync;
  if (disk.io == DiskIo::native && !direct) {
    findings.add(path + ".io", "io native needs cache none or directsync", "add 'cache: none'");
  }
}

}  // namespace

void check_disks(const VirtualMachine& machine, Findings& findings) {
  std::set<std::string> names;
  std::set<std::pair<std::string, std::string>> volumes;
  for (std::size_t i = 0; i < machine.disks.size(); ++i) {
    const Disk& disk = machine.disks[i];
    const std::string path = at("disks", i);
    check_disk(disk, path, findings);
    if (!names.insert(disk.name).second) {
      findings.add(path + ".name",
                   fmt::format("the machine has two disks with the name '{}'", util::printable(disk.name, 80)));
    }
    if (disk.volume && !volumes.emplace(disk.pool, *disk.volume).second) {
      findings.add(path + ".volume",
                   fmt::format("the machine has the volume '{}' twice", util::printable(*disk.volume, 80)));
    }
  }
}

}  // namespace vmtool::model
