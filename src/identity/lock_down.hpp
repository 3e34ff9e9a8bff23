#pragma once
// Takes from the calling process everything that reading a hostile disk does not need.

#include <cstdint>

namespace vmtool::identity {

/// What the process may still touch besides the descriptors that it holds.
enum class Reach {
  descriptors,  ///< nothing
  directory,    ///< files below directories that it holds open (openat2 and the *at calls)
};

/// no_new_privs; killed when its parent dies; 4 GiB of memory, 60 s of processor time, no file larger than
/// `largest_file` bytes, no core file, no child processes; without root's user and group where only descriptors are
/// needed; and a seccomp filter that answers EPERM to every system call that is not on its list. Can't be undone.
/// Throws SysError, Error{unavailable} where the kernel has no seccomp filters.
void lock_down(Reach reach, std::uint64_t largest_file);

}  // namespace vmtool::identity
