#pragma once
// A directory that nothing opened through it can leave.

#include <cstdint>
#include <string>

#include <sys/types.h>

#include "util/fd.hpp"

namespace vmtool::util {

/// Holds a directory open. Every path is relative to it and is resolved by the kernel with openat2(2): no part of it
/// may be a symbolic link, a magic link of /proc or another mount, and ".." never leaves the directory.
class DirFd {
 public:
  /// Takes a descriptor of a directory.
  explicit DirFd(Fd directory) : directory_(std::move(directory)) {}

  int get() const noexcept { return directory_.get(); }
  /// open(2) below the directory, with O_CLOEXEC and O_NOFOLLOW; "" is the directory itself. Throws SysError that
  /// names the path: ELOOP for a link, EXDEV for another mount.
  Fd open(const std::string& path, std::uint64_t flags, mode_t mode = 0) const;

 private:
  Fd directory_;
};

/// Opens a directory by its path on the host. Throws SysError.
DirFd open_dir(const std::string& path);

}  // namespace vmtool::util
