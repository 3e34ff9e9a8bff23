#pragma once
// The program under test, and virsh as the independent witness.

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "util/command.hpp"

namespace vmtool::util {

/// How GoogleTest shows a result: exit code and both streams.
void PrintTo(const Result& result, std::ostream* out);

}  // namespace vmtool::util

namespace vmtool::tests {

/// $VMTOOL_SOURCE_DIR, set by ctest. Throws std::runtime_error where it is not.
std::filesystem::path source_dir();

/// Runs $VMTOOL_PROGRAM in the source directory (where templates/ lies) against qemu:///system, or against what `args`
/// or LIBVIRT_DEFAULT_URI say.
util::Result vmtool(std::vector<std::string> args, std::string input = {});

/// Runs `virsh -c qemu:///system`.
util::Result virsh(std::vector<std::string> args);

/// The folder of the tiny guest's vmlinuz and initrd.img; built by the first call. Throws util::Error.
std::string tiny_guest();

}  // namespace vmtool::tests
