#pragma once
// The guest's /etc/fstab (fstab(5)) and the names by which it calls its partitions.

#include <string>
#include <string_view>
#include <vector>

#include "identity/partitions.hpp"

namespace vmtool::identity {

struct FstabEntry {
  std::string spec;  ///< "UUID=…", "/dev/vda2" …
  std::string mount_point;
  std::string type;
  std::vector<std::string> options;
};

/// Reads the lines that name a mount; others are skipped, as mount(8) does. Octal escapes (\040) are resolved.
std::vector<FstabEntry> parse_fstab(std::string_view text);

/// Whether `spec` means this partition. `disk` counts the machine's disks from 0: /dev/vda is the first.
bool names_partition(const std::string& spec, const Partition& partition, std::size_t disk);

}  // namespace vmtool::identity
