#include "isolation/mask.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "isolation/mount.hpp"
#include "isolation/rooted.hpp"
#include "util/fd.hpp"

namespace vmtool::isolation {
namespace {

using util::Fd;

bool is_missing(int error) noexcept { return error == ENOENT || error == ENOTDIR; }

}  // namespace

Outcome make_mask_source(Child& child, int place, int* mask) noexcept {
  const char* detail = nullptr;
  Fd mount(make_filesystem("tmpfs", "isolate", {{"mode", "0755"}, {"nr_inodes", "4"}, {"size", "4k"}}, false,
                           MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, &detail));
  if (!mount) return Outcome::last_error(detail);
  if (auto done = attach(mount.get(), place); !done) return done;
  if (::mkdirat(mount.get(), "directory", 0) != 0) return Outcome::last_error();
  const Fd file(::openat(mount.get(), "file", O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, 0));
  if (!file) return Outcome::last_error();
  child.mask_directory = ::openat(mount.get(), "directory", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  child.mask_file = ::openat(mount.get(), "file", O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (child.mask_directory < 0 || child.mask_file < 0) return Outcome::last_error();
  const Outcome done = change_mount(mount.get(), MOUNT_ATTR_RDONLY, 0, 0, false);
  if (done) *mask = mount.release();
  return done;
}

Outcome run(const MaskPath& step, Child& child) noexcept {
  const Fd target(open_in_root(child.root, step.path.c_str(), O_PATH));
  if (!target) return is_missing(errno) ? Outcome{} : Outcome::last_error();
  struct stat about {};
  if (::fstat(target.get(), &about) != 0) return Outcome::last_error();
  const int source = S_ISDIR(about.st_mode) ? child.mask_directory : child.mask_file;
  const Fd mount(::open_tree(source, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH));
  return mount ? attach(mount.get(), target.get()) : Outcome::last_error();
}

Outcome run(const ReadOnlyPath& step, Child& child) noexcept {
  const Fd target(open_in_root(child.root, step.path.c_str(), O_PATH));
  if (!target) return is_missing(errno) ? Outcome{} : Outcome::last_error();
  const Fd mount(::open_tree(target.get(), "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE));
  if (!mount) return Outcome::last_error();
  if (auto done = change_mount(mount.get(), MOUNT_ATTR_RDONLY, 0, 0, true); !done) return done;
  return attach(mount.get(), target.get());
}

}  // namespace vmtool::isolation
