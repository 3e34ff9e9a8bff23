#include "model/targets.hpp"

#include <set>

#include <fmt/format.h>

namespace vmtool::model {

std::string target_name(std::string_view prefix, unsigned index) {
  std::string letters;
  for (unsigned rest = index + 1; rest > 0; rest = (rest - 1) / 26) {
    letters.insert(letters.begin(), static_cast<char>('a' + (rest - 1) % 26));
  }
  return std::string(prefix) + letters;
}

void assign_targets(VirtualMachine& machine) {
  std::set<std::string> taken;
  for (const Disk& disk : machine.disks) taken.insert(disk.target);
  for (Disk& disk : machine.disks) {
    if (!disk.target.empty()) continue;
    const std::string_view prefix = disk.bus == DiskBus::virtio ? "vd" : "sd";
    for (unsigned index = 0; disk.target.empty(); ++index) {
      std::string candidate = target_name(prefix, index);
      if (taken.insert(candidate).second) disk.target = std::move(candidate);
    }
  }
}

std::string volume_name(const VirtualMachine& machine, const Disk& disk) {
  if (disk.volume) return *disk.volume;
  return fmt::format("{}-{}.{}", machine.name, disk.name, to_text(disk.format));
}

}  // namespace vmtool::model
