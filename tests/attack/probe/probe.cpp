// probe NAME…: makes a system call for each name and prints how it answered. Nothing is changed by any of them.
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

/// In a child, so that what it changes ends with it; the errno, 0 for success.
template <class F>
int in_child(F f) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(f() < 0 ? errno : 0);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

long clone_user() {
  const long made = ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
  if (made == 0) ::_exit(0);
  return made;
}

/// mount(2) by the 32-bit entry of the kernel, where numbers mean other calls.
long mount_by_int80() {
#ifdef __x86_64__
  long result = 21;
  asm volatile("int $0x80"
               : "+a"(result)
               : "b"(0), "c"(0), "d"(0), "S"(0), "D"(0)
               : "memory", "r8", "r9", "r10", "r11");
  if (result >= 0) return result;
  errno = static_cast<int>(-result);
#else
  errno = ENOSYS;
#endif
  return -1;
}

long make_call(std::string_view name) {
  if (name == "mount") return ::syscall(SYS_mount, "none", "/nowhere", "tmpfs", 0, nullptr);
  if (name == "unshare") return ::syscall(SYS_unshare, CLONE_NEWUSER);
  if (name == "clone") return clone_user();
  if (name == "clone3") return ::syscall(SYS_clone3, nullptr, 0);
  if (name == "fsopen") return ::syscall(SYS_fsopen, "tmpfs", 0);
  if (name == "open_tree") return ::syscall(SYS_open_tree, -100, "/", 0);
  if (name == "keyctl") return ::syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, -3, 0);
  if (name == "bpf") return ::syscall(SYS_bpf, BPF_MAP_CREATE, nullptr, 0);
  if (name == "userfaultfd") return ::syscall(SYS_userfaultfd, 1);
  if (name == "io_uring") return ::syscall(SYS_io_uring_setup, 0, nullptr);
  if (name == "ptrace") return ::syscall(SYS_ptrace, PTRACE_TRACEME, 0, nullptr, nullptr);
  if (name == "perf") return ::syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0);
  if (name == "int80") return mount_by_int80();
  if (name == "overlay-xattr") return ::setxattr("/tmp", "trusted.overlay.opaque", "y", 1, 0);
  if (name == "file-capability")
    return ::setxattr("/tmp/setuid", "security.capability", "\1\0\0\2\377\377\377\377\0\0\0\0\0\0\0\0\0\0\0\0", 20, 0);
  if (name == "root") return ::geteuid() == 0 ? 0 : (errno = EPERM, -1);
  if (name == "tiocsti") return ::syscall(SYS_ioctl, 0, 0x5412UL, "");
  if (name == "tiocsti-high") return ::syscall(SYS_ioctl, 0, 0x100005412UL, "");
  return ::syscall(std::atol(name.data()), 0, 0, 0, 0, 0, 0);
}

}  // namespace

int main(int argc, char** argv) {
  for (int index = 1; index < argc; ++index) {
    const int error = in_child([&] { return make_call(argv[index]); });
    std::printf("%s %s\n", argv[index], error == 0 ? "ok" : ::strerrorname_np(error));
    std::fflush(stdout);
  }
  return 0;
}
