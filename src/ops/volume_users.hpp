#pragma once
// Who stands on a volume.

#include <string>
#include <vector>

#include "virt/connection.hpp"

namespace vmtool::ops {

/// The volumes (of all active pools) whose backing file is `path`, "NAME in pool 'POOL'".
std::vector<std::string> overlays_of(const virt::Connection& connection, const std::string& path);

/// The machines that have `path` as a disk, by name.
std::vector<std::string> machines_with_disk(const virt::Connection& connection, const std::string& path);

}  // namespace vmtool::ops
