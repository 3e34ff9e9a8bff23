#include "isolation/system.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/keyctl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace vmtool::isolation::sys {

int open_at(int directory, const char* path, std::uint64_t flags, std::uint64_t resolve, mode_t mode) noexcept {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.mode = mode;
  how.resolve = resolve;
  return static_cast<int>(::syscall(SYS_openat2, directory, path, &how, sizeof how));
}

pid_t clone(clone_args& args) noexcept { return static_cast<pid_t>(::syscall(SYS_clone3, &args, sizeof args)); }

int pivot_root(const char* new_root, const char* put_old) noexcept {
  return static_cast<int>(::syscall(SYS_pivot_root, new_root, put_old));
}

int close_on_exec_from(unsigned first) noexcept {
  return static_cast<int>(::syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC));
}

int execute(int descriptor, char* const* argv, char* const* envp) noexcept {
  return static_cast<int>(::syscall(SYS_execveat, descriptor, "", argv, envp, AT_EMPTY_PATH));
}

int new_session_keyring(const char* name) noexcept {
  return static_cast<int>(::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name));
}

int set_user(uid_t uid) noexcept { return static_cast<int>(::syscall(SYS_setresuid, uid, uid, uid)); }
int set_group(gid_t gid) noexcept { return static_cast<int>(::syscall(SYS_setresgid, gid, gid, gid)); }
int set_groups(unsigned count, const gid_t* groups) noexcept {
  return static_cast<int>(::syscall(SYS_setgroups, count, groups));
}

}  // namespace vmtool::isolation::sys
