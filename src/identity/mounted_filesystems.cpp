#include "identity/mounted_filesystems.hpp"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <thread>

#include <fmt/format.h>

#include "identity/appliance_guest.hpp"
#include "identity/directory_fs.hpp"
#include "identity/fat_fs.hpp"
#include "identity/guest_modules.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

// What keeps a look from replaying a journal.
const char* options_to_look(const std::string& content) {
  if (content == "xfs") return "norecovery,nouuid";
  if (content == "btrfs") return "rescue=nologreplay";
  return "noload";
}

// Copies of one disk may carry one UUID.
const char* options_to_write(const std::string& content) { return content == "xfs" ? "nouuid" : ""; }

bool has_system(DirectoryFs& tree) {
  const auto etc = tree.lookup(tree.root(), "etc");
  return etc && tree.attributes(*etc).kind == Kind::directory;
}

// Debian, Ubuntu, Fedora and openSUSE each have their own name for the subvolume of the root.
std::unique_ptr<DirectoryFs> find_subvolume(const std::string& top) {
  std::unique_ptr<DirectoryFs> found;
  const util::DirFd directory = util::open_dir(top);
  DirectoryFs tree(util::open_dir(top));
  for (const std::string& name : tree.list(tree.root())) {
    const auto inode = tree.lookup(tree.root(), name);
    if (!inode || tree.attributes(*inode).kind != Kind::directory) continue;
    auto candidate = std::make_unique<DirectoryFs>(util::DirFd(directory.open(name, O_RDONLY | O_DIRECTORY)));
    if (!has_system(*candidate)) continue;
    if (found) throw Error(Errc::conflict, "several subvolumes hold a system");
    found = std::move(candidate);
  }
  return found;
}

}  // namespace

MountedFilesystems::~MountedFilesystems() {
  for (const auto& [place, directory] : mounts_) ::umount2(directory.c_str(), MNT_DETACH);
}

bool MountedFilesystems::can_edit(const std::string& content) const {
  return content == "ext2" || content == "ext3" || content == "ext4" || content == "xfs" || content == "btrfs";
}

// Partitions have devices of their own; a logical volume gets one by an offset.
MountedFilesystems::Device MountedFilesystems::device_of(const Partition& partition, std::size_t disk) const {
  const std::string& name = disks_.at(disk);
  if (partition.volume.empty()) {
    return {partition.number == 0
                ? "/dev/" + name
                : fmt::format("/dev/{}{}{}", name,
                              std::isdigit(static_cast<unsigned char>(name.back())) != 0 ? "p" : "", partition.number),
            {}};
  }
  const util::Fd control = util::open_file("/dev/loop-control", O_RDWR);
  const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
  if (number < 0) throw util::SysError(errno, "finding a free loop device");
  const std::string path = fmt::format("/dev/loop{}", number);
  util::Fd loop = util::open_file(path, O_RDWR);
  const util::Fd backing = util::open_file("/dev/" + name, writes_ ? O_RDWR : O_RDONLY);
  loop_config config{};
  config.fd = static_cast<__u32>(backing.get());
  config.info.lo_offset = partition.offset;
  config.info.lo_sizelimit = partition.size;
  config.info.lo_flags = LO_FLAGS_AUTOCLEAR | (writes_ ? 0U : static_cast<__u32>(LO_FLAGS_READ_ONLY));
  if (::ioctl(loop.get(), LOOP_CONFIGURE, &config) != 0)
    throw util::SysError(errno, "making a device of a logical volume");
  return {path, std::move(loop)};
}

std::string MountedFilesystems::mount_of(const DiskView& disk, const MountPlace& place) {
  const Partition& partition = disk.partitions[place.partition];
  const auto known = mounts_.find({place.disk, partition.offset});
  if (known != mounts_.end()) return known->second;
  const std::string directory = fmt::format("/mnt{}{}", writes_ ? "w" : "r", mounts_.size());
  ::mkdir(directory.c_str(), 0700);
  load_modules(std::filesystem::path(appliance_modules) / partition.content);
  const Device device = device_of(partition, place.disk);
  const unsigned long flags =
      MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | (writes_ ? 0UL : static_cast<unsigned long>(MS_RDONLY));
  const char* options = writes_ ? options_to_write(partition.content) : options_to_look(partition.content);
  if (::mount(device.path.c_str(), directory.c_str(), partition.content.c_str(), flags, options) != 0) {
    throw util::SysError(errno, fmt::format("mounting {} ({})", describe(place.disk, partition), partition.content));
  }
  mounts_.emplace(std::pair{place.disk, partition.offset}, directory);
  return directory;
}

std::unique_ptr<GuestFs> MountedFilesystems::open(const DiskView& disk, const MountPlace& place) {
  const Partition& partition = disk.partitions[place.partition];
  if (partition.content == "vfat") {
    volumes_.push_back(std::make_unique<StagedVolume>(*disk.device, partition.offset, partition.size));
    return std::make_unique<FatFs>(*volumes_.back());
  }
  const std::string directory = mount_of(disk, place);
  if (partition.content == "btrfs" && !place.subvolume.empty()) {
    const std::string name = place.subvolume.substr(place.subvolume.find_first_not_of('/'));
    return std::make_unique<DirectoryFs>(util::DirFd(util::open_dir(directory).open(name, O_RDONLY | O_DIRECTORY)));
  }
  auto top = std::make_unique<DirectoryFs>(util::open_dir(directory));
  if (partition.content != "btrfs" || has_system(*top)) return top;
  auto subvolume = find_subvolume(directory);
  return subvolume ? std::move(subvolume) : std::move(top);
}

void MountedFilesystems::allow_writing() {
  unmount();
  writes_ = true;
}

void MountedFilesystems::unmount() {
  for (const auto& volume : volumes_) {
    if (writes_) volume->commit();
  }
  volumes_.clear();
  for (const auto& [place, directory] : mounts_) {
    if (::umount2(directory.c_str(), 0) != 0) throw util::SysError(errno, "unmounting the guest's filesystems");
  }
  mounts_.clear();
}

}  // namespace vmtool::identity
