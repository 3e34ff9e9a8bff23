#pragma once
// System calls that the C library has no function for. All return as the C library does: -1 with errno.

#include <cstdint>

#include <sys/types.h>

struct open_how;
struct clone_args;

namespace vmtool::isolation::sys {

/// openat2(2) with O_CLOEXEC added.
int open_at(int directory, const char* path, std::uint64_t flags, std::uint64_t resolve, mode_t mode = 0) noexcept;
/// clone3(2).
pid_t clone(clone_args& args) noexcept;
/// pivot_root(2).
int pivot_root(const char* new_root, const char* put_old) noexcept;
/// close_range(2) with CLOSE_RANGE_CLOEXEC, from `first` to the last descriptor.
int close_on_exec_from(unsigned first) noexcept;
/// execveat(2) of an open file.
int execute(int descriptor, char* const* argv, char* const* envp) noexcept;
/// A new anonymous session keyring (keyctl(2)).
int new_session_keyring(const char* name) noexcept;
/// setresuid(2), setresgid(2) and setgroups(2) as bare system calls: the C library's act on every thread.
int set_user(uid_t uid) noexcept;
int set_group(gid_t gid) noexcept;
int set_groups(unsigned count, const gid_t* groups) noexcept;

}  // namespace vmtool::isolation::sys
