#pragma once
// Kernel modules and files of the micro-appliance; never used on a host.

#include <filesystem>
#include <vector>

namespace vmtool::identity {

/// By name; none where there is no such directory.
std::vector<std::filesystem::path> sorted_entries(const std::filesystem::path& directory);

/// Loads every module of a directory, in the order of their names. One that fails is missed by what needs it, which then says so.
void load_modules(const std::filesystem::path& directory);

}  // namespace vmtool::identity
