#pragma once
// The host's kernel and its modules, for a small machine that runs it.

#include <filesystem>
#include <string>
#include <vector>

namespace vmtool::identity {

struct HostKernel {
  std::filesystem::path image;    ///< /boot/vmlinuz-RELEASE
  std::filesystem::path modules;  ///< /lib/modules/RELEASE
};

/// The newest kernel below `boot` that can be read and has modules in `modules`. Throws Error{unavailable}.
HostKernel find_kernel(const std::filesystem::path& boot = "/boot",
                       const std::filesystem::path& modules = "/lib/modules");

/// The files of these modules and of all that they need, in the order in which they are to be loaded. What is built into
/// the kernel has none. Throws Error{unavailable} where the kernel has no such module or it is compressed.
std::vector<std::filesystem::path> modules_for(const HostKernel& kernel, const std::vector<std::string>& names);

}  // namespace vmtool::identity
