#pragma once
// Volumes by themselves: looking, growing, deleting.

#include <string>
#include <vector>

#include "util/bytes.hpp"
#include "virt/connection.hpp"
#include "xml/storage.hpp"

namespace vmtool::ops {

struct VolumeReport {
  std::string pool;
  xml::VolumeFacts facts;
  std::vector<std::string> machines;  ///< that have it as a disk
  std::vector<std::string> overlays;  ///< that stand on it
};

/// Throws Error{not_found} with the nearest name.
VolumeReport describe_volume(const virt::Connection& connection, const std::string& pool, const std::string& name);

/// The volume and the backing files below it, top first, as far as they are volumes of pools; a last link that is not one
/// has only its path and format.
std::vector<xml::VolumeFacts> chain_of(const virt::Connection& connection, const std::string& pool,
                                       const std::string& name);

/// Grows a volume, through the running machine that has it where there is one. Throws Error{conflict} for a smaller size and
/// where it is the backing file of another (its overlays would not see the growth, and must not change below them).
void resize_volume(const virt::Connection& connection, const std::string& pool, const std::string& name,
                   util::Bytes capacity);

/// Throws Error{conflict} with the user's name where a machine has it as a disk or another volume stands on it.
void delete_volume(const virt::Connection& connection, const std::string& pool, const std::string& name);

}  // namespace vmtool::ops
