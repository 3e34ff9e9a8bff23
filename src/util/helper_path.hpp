#pragma once
// Where the helper programs of vmtool lie.

#include <filesystem>
#include <string>

namespace vmtool::util {

/// The helper program `name`: in $VMTOOL_LIBEXEC_DIR, else in the libexec directory of the installation that the running
/// program belongs to, else beside it, else in the folder `room` beside its own, as in a build. Throws Error{unavailable}.
std::filesystem::path find_helper(const std::string& name, const std::string& room);

}  // namespace vmtool::util
