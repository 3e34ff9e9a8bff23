#include "isolation/root.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "isolation/fuse_overlay.hpp"
#include "isolation/mask.hpp"
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

/// Lower layers as one text, with a backslash before each colon and backslash of a path.
bool set_joined_layers(int context, const std::vector<std::string>& layers) noexcept {
  char text[4096];
  std::size_t used = 0;
  for (const std::string& layer : layers) {
    if (used + 2 * layer.size() + 2 > sizeof text) {
      errno = E2BIG;
      return false;
    }
    if (used > 0) text[used++] = ':';
    for (const char c : layer) {
      if (c == ':' || c == '\\') text[used++] = '\\';
      text[used++] = c;
    }
  }
  text[used] = '\0';
  return ::fsconfig(context, FSCONFIG_SET_STRING, "lowerdir", text, 0) == 0;
}

bool add_layers(int context, const std::vector<std::string>& layers) noexcept {
  return std::all_of(layers.begin(), layers.end(),
                     [&](const std::string& layer) { return set_directory(context, "lowerdir+", layer); });
}

enum class Layers { one_by_one, joined };

int make_overlay_with(const Overlay& overlay, Layers layers, bool user_xattr, const char** detail) noexcept {
  const Fd context(::fsopen("overlay", FSOPEN_CLOEXEC));
  if (!context) {
    *detail = "the kernel has no overlay filesystem";
    return -1;
  }
  static_cast<void>(set_string(context.get(), "source", "overlay"));
  if (!(layers == Layers::joined ? set_joined_layers(context.get(), overlay.lower)
                                 : add_layers(context.get(), overlay.lower))) {
    *detail = "adding the lower layers of the overlay";
    return -1;
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

int make_overlay(const Overlay& overlay, bool user_xattr, const char** detail) noexcept {
  const int made = make_overlay_with(overlay, Layers::one_by_one, user_xattr, detail);
  // Kernels before 6.8 know no "lowerdir+"; some say so only when the filesystem is made.
  return made >= 0 || errno != EINVAL ? made : make_overlay_with(overlay, Layers::joined, user_xattr, detail);
}

/// Not what a wrong path or a full disk gives: kernels that have no overlay in user namespaces, and layers it can't be made of.
bool refuses_overlay(int error) noexcept {
  return error == EPERM || error == EINVAL || error == ENODEV || error == EOPNOTSUPP;
}

}  // namespace

int make_root_tree(const Root& root, bool user_xattr, const char** detail) noexcept {
  if (root.overlay) return make_overlay(*root.overlay, user_xattr, detail);
  *detail = "opening the root filesystem";
  return ::open_tree(AT_FDCWD, root.path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
}

Outcome run(const RootStep& step, Child& child) noexcept {
  const char* detail = nullptr;
  int tree = step.tree ? child.trees[*step.tree] : make_root_tree(step.root, step.user_xattr, &detail);
  if (tree < 0 && step.user_xattr && step.root.overlay && refuses_overlay(errno)) {
    if (auto done = make_fuse_tree(child, &tree); !done) return done;
  }
  if (tree < 0) return Outcome::last_error(detail);
  Fd place(::open(step.root.path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  child.covers_old_root = !place;
  if (!place) place.reset(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!place) return Outcome::last_error("opening the place of the root");
  if (step.masks) {
    // Below the new root: there it goes with the old one, and each unmount waits for the whole machine.
    int mask = -1;
    if (auto done = make_mask_source(child, place.get(), &mask); !done) return done;
    place.reset(mask);
  }
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
    if (sys::pivot_root(".", ".") != 0)
      return Outcome::last_error(errno == EINVAL ? "this host's root can't pivot, as an initramfs can't: use --no-pivot"
                                                 : nullptr);
    // What masked paths were cloned from may lie on the old one, and an unmount takes the topmost only.
    if (child.covers_old_root && child.mask_file >= 0 && ::umount2(".", MNT_DETACH) != 0)
      return Outcome::last_error("letting go of the mask source");
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
