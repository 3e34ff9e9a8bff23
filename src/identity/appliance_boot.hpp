#pragma once
// What the micro-appliance is booted with, whoever boots it.

#include <filesystem>
#include <string>
#include <vector>

#include "util/fd.hpp"

namespace vmtool::identity {

struct ApplianceBoot {
  std::filesystem::path kernel;  ///< of this host
  util::Fd initramfs;            ///< a file in memory
  std::string command_line;
};

/// Everything that a kernel can edit: for a disk that nobody has looked at yet.
std::vector<std::string> all_appliance_filesystems();

/// This host's kernel, and an initramfs with the drivers of `contents`, filesystems of libblkid's names.
/// Throws Error{unavailable} where a kernel, a driver or the appliance's program is missing.
ApplianceBoot make_appliance_boot(const std::vector<std::string>& contents);

/// The name of the virtio port that it talks over, and the serial of a disk, counted from 0.
std::string appliance_port_name();
std::string appliance_disk_serial(std::size_t number);

}  // namespace vmtool::identity
