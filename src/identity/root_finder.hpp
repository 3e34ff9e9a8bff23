#pragma once
// Which of the filesystems on a machine's disks is its root, and what else it mounts below /etc and /var.

#include <memory>
#include <string>
#include <vector>

#include "identity/guest_fs.hpp"
#include "identity/partitions.hpp"
#include "util/error.hpp"

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
  std::string subvolume{};  ///< of a btrfs, as fstab names it; empty: its default
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

/// Opens filesystems to look at: one way on unmounted disks, another one where a kernel mounts them.
class FilesystemOpener {
 public:
  virtual ~FilesystemOpener() = default;
  /// Whether a root of this content ("ext4", "xfs") can be opened and edited.
  virtual bool can_edit(const std::string& content) const = 0;
  /// Throws where it is damaged. The filesystem lives no longer than the opener and the disk.
  virtual std::unique_ptr<GuestFs> open(const DiskView& disk, const MountPlace& place) = 0;
};

/// Thrown where what was found can only be edited by a kernel that mounts it: XFS, btrfs.
class NeedsAppliance : public util::Error {
 public:
  NeedsAppliance(util::Errc kind, const std::string& message, std::vector<std::string> contents)
      : Error(kind, message), contents_(std::move(contents)) {}
  /// What the partitions hold, for which a kernel needs drivers.
  const std::vector<std::string>& contents() const noexcept { return contents_; }

 private:
  std::vector<std::string> contents_;
};

/// Finds the root by the discoverable-partition type (uapi-group.org, "Discoverable Partitions Specification"), by
/// /etc/fstab and by os-release; then the filesystems that its fstab mounts at or below /etc and /var, and those of the boot
/// loader (/boot, /boot/efi, /efi).
/// Throws NeedsAppliance where another way of opening would do, else Error{not_found} naming every partition and why it is none, Error{conflict} where there are two roots,
/// where the fstab of the root names another one, or where a needed filesystem is not one that can be edited.
GuestLayout find_guest(const std::vector<DiskView>& disks, const RootChoice& choice, FilesystemOpener& opener);

}  // namespace vmtool::identity
