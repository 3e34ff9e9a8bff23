#pragma once
// Takes from the helper program everything that work on one directory does not need.

#include "util/dir_fd.hpp"

namespace vmtool::images {

/// Whether the process acts as root of the host, or as root of a user namespace of its own.
enum class Standing { root, user };
/// What a user's files can belong to, beside the user.
enum class Owners { all, only_self };

struct Confined {
  util::DirFd directory;  ///< which is the root of all that the process still sees
  Standing standing = Standing::root;
  Owners owners = Owners::all;
};

/// Enters namespaces of its own (for an ordinary user: a user namespace with the subordinate ids too), makes `directory` the root
/// of the only filesystem that is left (pivot_root(2)), and lets a seccomp filter answer EPERM to every system call that files in it don't
/// need: no sockets, no programs, no mounts. 4 GiB of memory, 30 minutes of processor time. Can't be undone. Throws SysError, Error{unavailable}
/// where the kernel refuses user namespaces.
Confined confine_to(const std::string& directory);

}  // namespace vmtool::images
