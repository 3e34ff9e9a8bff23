#pragma once
// Who stands on a volume.

#include <set>
#include <string>
#include <vector>

#include "virt/connection.hpp"

namespace vmtool::ops {

/// The volumes (of all active pools) whose backing file is `path`, "NAME in pool 'POOL'".
std::vector<std::string> overlays_of(const virt::Connection& connection, const std::string& path);

/// A volume that stands on another file.
struct Overlay {
  std::string backing_path;
  std::string path;
  std::string name;
  std::string pool;
  std::vector<std::string> machines;  ///< that have it as a disk
};
/// Every volume of every active pool that has one of the paths as its backing file.
std::vector<Overlay> overlays_on(const virt::Connection& connection, const std::set<std::string>& paths);

/// Throws Error{conflict} with the names of the clones where another volume stands on one of the paths: `doing` reads
/// "machine 'web' can't be started". Whatever is written to such a file damages what stands on it.
void check_not_a_base(const virt::Connection& connection, const std::set<std::string>& paths, const std::string& doing);

/// The machines that have `path` as a disk, by name.
std::vector<std::string> machines_with_disk(const virt::Connection& connection, const std::string& path);

}  // namespace vmtool::ops
