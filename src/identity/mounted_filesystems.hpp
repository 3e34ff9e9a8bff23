#pragma once
// A guest's filesystems, mounted by the kernel of the micro-appliance; never used on a host.

#include <map>
#include <string>
#include <vector>

#include "identity/root_finder.hpp"
#include "identity/staged_volume.hpp"
#include "util/fd.hpp"

namespace vmtool::identity {

class MountedFilesystems final : public FilesystemOpener {
 public:
  /// Kernel names of the disks, "vda", in their order.
  explicit MountedFilesystems(std::vector<std::string> disks) : disks_(std::move(disks)) {}
  ~MountedFilesystems() override;

  /// ext2, ext3, ext4, xfs, btrfs.
  bool can_edit(const std::string& content) const override;
  /// Mounts it where it is not mounted yet, so that nothing is written, and opens its root or subvolume. A btrfs without a
  /// system at its top is searched for the one subvolume that has one. A FAT one is read without the kernel.
  std::unique_ptr<GuestFs> open(const DiskView& disk, const MountPlace& place) override;

  /// From now on filesystems are mounted to be written to; what was opened before is closed.
  void allow_writing();
  /// Everything is on the disks then. Throws SysError.
  void unmount();

 private:
  /// A device file; `keeper` holds a made one until it is mounted.
  struct Device {
    std::string path;
    util::Fd keeper;
  };
  Device device_of(const Partition& partition, std::size_t disk) const;
  std::string mount_of(const DiskView& disk, const MountPlace& place);

  std::vector<std::string> disks_;
  bool writes_ = false;
  std::map<std::pair<std::size_t, std::uint64_t>, std::string> mounts_;  ///< disk and offset to directory
  std::vector<std::unique_ptr<StagedVolume>> volumes_;
};

}  // namespace vmtool::identity
