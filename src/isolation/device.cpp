#include "isolation/device.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "isolation/mount.hpp"
#include "isolation/rooted.hpp"
#include "util/fd.hpp"

namespace vmtool::isolation {
namespace {

using util::Fd;

mode_t type_bits(char type) noexcept {
  if (type == 'b') return S_IFBLK;
  return type == 'p' ? S_IFIFO : S_IFCHR;
}

bool is_same_node(const struct stat& about, const Device& device) noexcept {
  if ((about.st_mode & S_IFMT) != type_bits(device.type)) return false;
  return device.type == 'p' || about.st_rdev == ::makedev(device.major, device.minor);
}

Outcome bind_host_node(const Device& device, Child& child) noexcept {
  const Fd mount(::open_tree(AT_FDCWD, device.path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
  if (!mount) return Outcome::last_error("opening the host's node");
  struct stat about {};
  if (::fstat(mount.get(), &about) != 0) return Outcome::last_error();
  if (!is_same_node(about, device)) return {ENODEV, "the host's node is another device"};
  const Fd target(make_file_in_root(child.root, device.path.c_str()));
  if (!target) return Outcome::last_error();
  return attach(mount.get(), target.get());
}

}  // namespace

std::vector<Device> default_devices() {
  return {{"/dev/null", 'c', 1, 3},   {"/dev/zero", 'c', 1, 5},    {"/dev/full", 'c', 1, 7},
          {"/dev/random", 'c', 1, 8}, {"/dev/urandom", 'c', 1, 9}, {"/dev/tty", 'c', 5, 0}};
}

Outcome run(const MakeDevice& step, Child& child) noexcept {
  const Device& device = step.device;
  const char* name = nullptr;
  const Fd parent(make_parent_in_root(child.root, device.path.c_str(), &name));
  if (!parent) return Outcome::last_error("opening its directory");
  const mode_t mode = type_bits(device.type) | (device.mode & 07777);
  if (::mknodat(parent.get(), name, mode, ::makedev(device.major, device.minor)) != 0) {
    if (errno == EPERM) return bind_host_node(device, child);
    if (errno != EEXIST) return Outcome::last_error();
    struct stat about {};
    if (::fstatat(parent.get(), name, &about, AT_SYMLINK_NOFOLLOW) != 0) return Outcome::last_error();
    return is_same_node(about, device) ? Outcome{} : Outcome{EEXIST, "something else stands there already"};
  }
  // The umask and the caller's ids took part in mknod.
  if (::fchmodat(parent.get(), name, device.mode & 07777, 0) != 0) return Outcome::last_error("setting its mode");
  if (device.uid == 0 && device.gid == 0) return {};
  return ::fchownat(parent.get(), name, device.uid, device.gid, AT_SYMLINK_NOFOLLOW) == 0
             ? Outcome{}
             : Outcome::last_error("setting its owner");
}

Outcome run(const MakeLink& step, Child& child) noexcept {
  const char* name = nullptr;
  const Fd parent(make_parent_in_root(child.root, step.path.c_str(), &name));
  if (!parent) return Outcome::last_error();
  if (::symlinkat(step.target.c_str(), parent.get(), name) != 0 && errno != EEXIST && errno != EROFS)
    return Outcome::last_error();
  return {};
}

}  // namespace vmtool::isolation
