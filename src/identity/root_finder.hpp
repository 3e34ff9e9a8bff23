#pragma once
// Which of the filesystems on a machine's disks is its root, and what else it mounts below /etc and /var.

#include <memory>
#include <string>
#include <vector>

#include "identity/ext4_fs.hpp"
#include "identity/partitions.hpp"
#include "identity/staged_volume.hpp"

namespace vmtool::identity {

/// A disk with what lies on it; the device must outlive it.
struct DiskView {
  BlockDevice* device = nullptr;
  std::vector<Partition> partitions;
};

/// Reads the partitions of a disk.
DiskView view_of(BlockDevice& device);

/// A filesystem that takes part in the tree; index into the disks and their partitions.
struct MountPlace {
  std::string mount_point;  ///< "" for the root
  std::size_t disk = 0;
  std::size_t partition = 0;
};

struct GuestLayout {
  std::vector<MountPlace> mounts;  ///< the root first
  std::vector<std::string> warnings;
};

/// Where the root is to be looked for; nothing given: everywhere.
struct RootChoice {
  int disk = -1;       ///< from 0
  int partition = -1;  ///< its number in the table; 0: the whole disk
};

/// Finds the root by the discoverable-partition type (uapi-group.org, "Discoverable Partitions Specification"), by
/// /etc/fstab and by os-release; then the filesystems that its fstab mounts at or below /etc, /var and /boot.
/// Throws Error{not_found} naming every partition and why it is none, Error{conflict} where there are two roots,
/// where the fstab of the root names another one, or where a needed filesystem is not one that can be edited.
GuestLayout find_guest(std::vector<DiskView>& disks, const RootChoice& choice);

}  // namespace vmtool::identity
