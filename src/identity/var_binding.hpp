#pragma once

#include <vector>

#include "identity/options.hpp"
#include "identity/root_finder.hpp"

namespace vmtool::identity {

/// systemd mounts a /var without an fstab entry only where its partition's UUID is made from the machine-id (Discoverable
/// Partitions Specification): throws Error{conflict} where a new id would lose it.
void require_var_stays(const std::vector<DiskView>& disks, const GuestLayout& layout, GuestTree& tree,
                       const Options& options);

}  // namespace vmtool::identity
