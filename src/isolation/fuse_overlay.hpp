#pragma once
// Where the kernel refuses an overlay in a user namespace: fuse-overlayfs(1) in its place. The child makes a FUSE mount and
// hands its descriptor to the launcher, who starts the program on it, outside of the container's pid namespace and as root of
// its user namespace. The program ends with the mount.

#include <sys/types.h>

#include "isolation/child.hpp"
#include "isolation/failure.hpp"
#include "isolation/spec.hpp"
#include "util/fd.hpp"

namespace vmtool::isolation {

/// In the child: a detached FUSE mount that the launcher has given a server. `mount` is it.
Outcome make_fuse_tree(Child& child, int* mount) noexcept;

/// In the launcher: starts the program for the overlay as root of process `pid`'s user namespace. Throws Error{unavailable}
/// where it is not installed, Error{invalid_input} for layers whose path it can't take.
void serve_overlay(const Overlay& overlay, const util::Fd& fuse, pid_t pid);

}  // namespace vmtool::isolation
