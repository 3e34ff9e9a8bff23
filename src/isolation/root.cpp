#include "isolation/root.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "isolation/mount.hpp"
#include "isolation/system.hpp"
#include "util/fd.hpp"

namespace vmtool::isolation {
namespace {

using util::Fd;

bool set_string(int context, const char* key, const std::string& value) noexcept {
  return ::fsconfig(context, FSCONFIG_SET_STRING, key, value.c_str(), 0) == 0;
}

/// By descriptor, so that no character of a path is read as a separator; kernels before 6.13 take the path only.
bool set_directory(int context, const char* key, const std::string& path) noexcept {
  const Fd directory(::open(path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) return false;
  if (::fsconfig(context, FSCONFIG_SET_FD, key, nullptr, directory.get()) == 0) return true;
  return set_string(context, key, path);
}

int make_overlay(const Overlay& overlay, bool user_xattr, const char** detail) noexcept {
  const Fd context(::fsopen("overlay", FSOPEN_CLOEXEC));
  if (!context) {
    *detail = "the kernel has no overlay filesystem";
    return -1;
  }
  static_cast<void>(set_string(context.get(), "source", "overlay"));
  for (const std::string& layer : overlay.lower) {
    if (!set_directory(context.get(), "lowerdir+", layer)) {
      *detail = "adding a lower layer of the overlay";
      return -1;
    }
  }
  if (!overlay.upper.empty()) {
    if (!set_directory(context.get(), "upperdir", overlay.upper)) {
      *detail = "setting the upper directory of the overlay";
      return -1;
    }
    if (!set_directory(context.get(), "workdir", overlay.work)) {
      *detail = "setting the work directory of the overlay";
      return -1;
    }
  }
  for (const auto& [key, value] : overlay.options) {
    const int set = value.empty() ? ::fsconfig(context.get(), FSCONFIG_SET_FLAG, key.c_str(), nullptr, 0)
                                  : ::fsconfig(context.get(), FSCONFIG_SET_STRING, key.c_str(), value.c_str(), 0);
    if (set != 0) {
      *detail = "setting an option of the overlay";
      return -1;
    }
  }
  if (user_xattr && ::fsconfig(context.get(), FSCONFIG_SET_FLAG, "userxattr", nullptr, 0) != 0) return -1;
  if (::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    *detail = nullptr;
    return -1;
  }
  return ::fsmount(context.get(), FSMOUNT_CLOEXEC, 0);
}

}  // namespace

int make_root_tree(const Root& root, bool user_xattr, const char** detail) noexcept {
  if (root.overlay) return make_overlay(*root.overlay, user_xattr, detail);
  *detail = "opening the root filesystem";
  return ::open_tree(AT_FDCWD, root.path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
}

Outcome run(const RootStep& step, Child& child) noexcept {
  const char* detail = nullptr;
  const int tree = step.tree ? child.trees[*step.tree] : make_root_tree(step.root, step.user_xattr, &detail);
  if (tree < 0) return Outcome::last_error(detail);
  Fd place(::open(step.root.path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!place) place.reset(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!place) return Outcome::last_error("opening the place of the root");
  if (auto done = attach(tree, place.get()); !done) return done;
  // pivot_root refuses a root that still is in a peer group with the host.
  if (auto done = change_mount(tree, 0, 0, MS_PRIVATE, true); !done) return done;
  child.root = tree;
  return {};
}

Outcome run(const PivotRoot& step, Child& child) noexcept {
  if (::fchdir(child.root) != 0) return Outcome::last_error("entering the root");
  if (step.by_move) {
    if (::mount(".", "/", nullptr, MS_MOVE, nullptr) != 0) return Outcome::last_error("moving the root");
    if (::chroot(".") != 0) return Outcome::last_error("changing the root");
  } else {
    // Old and new root lie on each other after this; the old one is on top and is detached.
    if (sys::pivot_root(".", ".") != 0) return Outcome::last_error();
    // What masked paths were cloned from lies on the old one, and an unmount takes the topmost only.
    if (child.mask_file >= 0 && ::umount2(".", MNT_DETACH) != 0) return Outcome::last_error("letting go of the mask source");
    if (::umount2(".", MNT_DETACH) != 0) return Outcome::last_error("letting go of the old root");
  }
  return ::chdir("/") == 0 ? Outcome{} : Outcome::last_error("entering the new root");
}

Outcome run(const FinishRoot& step, Child& child) noexcept {
  if (step.read_only) {
    if (auto done = change_mount(child.root, MOUNT_ATTR_RDONLY, 0, 0, false); !done) return done;
  }
  if (step.propagation == 0) return {};
  return change_mount(child.root, 0, 0, step.propagation & ~static_cast<unsigned long>(MS_REC),
                      (step.propagation & MS_REC) != 0);
}

}  // namespace vmtool::isolation
