#include "identity/lock_down.hpp"

#include <grp.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "util/error.hpp"
#include "util/handle.hpp"

namespace vmtool::identity {
namespace {

constexpr gid_t nobody = 65534;

// What libext2fs, libblkid, libnbd and the C library need once everything is open.
constexpr std::array allowed_calls{SCMP_SYS(read),
                                   SCMP_SYS(write),
                                   SCMP_SYS(readv),
                                   SCMP_SYS(writev),
                                   SCMP_SYS(pread64),
                                   SCMP_SYS(pwrite64),
                                   SCMP_SYS(lseek),
                                   SCMP_SYS(close),
                                   SCMP_SYS(fstat),
                                   SCMP_SYS(newfstatat),
                                   SCMP_SYS(fsync),
                                   SCMP_SYS(fdatasync),
                                   SCMP_SYS(ftruncate),
                                   SCMP_SYS(fadvise64),
                                   SCMP_SYS(fcntl),
                                   SCMP_SYS(memfd_create),
                                   SCMP_SYS(poll),
                                   SCMP_SYS(ppoll),
                                   SCMP_SYS(recvfrom),
                                   SCMP_SYS(sendto),
                                   SCMP_SYS(recvmsg),
                                   SCMP_SYS(sendmsg),
                                   SCMP_SYS(getsockopt),
                                   SCMP_SYS(setsockopt),
                                   SCMP_SYS(shutdown),
                                   SCMP_SYS(mmap),
                                   SCMP_SYS(munmap),
                                   SCMP_SYS(mremap),
                                   SCMP_SYS(mprotect),
                                   SCMP_SYS(madvise),
                                   SCMP_SYS(brk),
                                   SCMP_SYS(futex),
                                   SCMP_SYS(clock_gettime),
                                   SCMP_SYS(gettimeofday),
                                   SCMP_SYS(getrandom),
                                   SCMP_SYS(getpid),
                                   SCMP_SYS(gettid),
                                   SCMP_SYS(getuid),
                                   SCMP_SYS(geteuid),
                                   SCMP_SYS(getgid),
                                   SCMP_SYS(getegid),
                                   SCMP_SYS(rt_sigaction),
                                   SCMP_SYS(rt_sigprocmask),
                                   SCMP_SYS(rt_sigreturn),
                                   SCMP_SYS(sigaltstack),
                                   SCMP_SYS(restart_syscall),
                                   SCMP_SYS(tgkill),
                                   SCMP_SYS(exit),
                                   SCMP_SYS(exit_group)};

// openat2 alone opens files, because only it can be told to stay below a directory.
constexpr std::array directory_calls{
    SCMP_SYS(openat2),   SCMP_SYS(getdents64), SCMP_SYS(readlinkat), SCMP_SYS(unlinkat), SCMP_SYS(symlinkat),
    SCMP_SYS(renameat),  SCMP_SYS(renameat2),  SCMP_SYS(fchmod),     SCMP_SYS(fchown),   SCMP_SYS(fchownat),
    SCMP_SYS(fgetxattr), SCMP_SYS(fsetxattr),  SCMP_SYS(flistxattr)};

void limit(__rlimit_resource_t resource, std::uint64_t value) {
  rlimit wanted{value, value};
  rlimit current{};
  ::getrlimit(resource, &current);
  if (current.rlim_max < value) wanted = {current.rlim_max, current.rlim_max};
  if (::setrlimit(resource, &wanted) != 0) throw util::SysError(errno, "limiting the worker");
}

template <std::size_t N>
void allow(scmp_filter_ctx filter, const std::array<int, N>& calls) {
  for (const int call : calls) {
    const int failure = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
    if (failure != 0) throw util::SysError(-failure, "making the system call filter");
  }
}

void filter_calls(Reach reach) {
  const util::Handle<void, seccomp_release> filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  if (!filter) throw util::Error(util::Errc::unavailable, "system call filters can't be made here");
  allow(filter.get(), allowed_calls);
  if (reach == Reach::directory) allow(filter.get(), directory_calls);
  const int failure = seccomp_load(filter.get());
  if (failure != 0) throw util::SysError(-failure, "loading the system call filter");
}

// In a user namespace without "nobody" this fails, and the filter alone has to do.
void drop_user() {
  if (::geteuid() != 0) return;
  static_cast<void>(::setgroups(0, nullptr));
  static_cast<void>(::setresgid(nobody, nobody, nobody));
  static_cast<void>(::setresuid(nobody, nobody, nobody));
}

}  // namespace

void lock_down(Reach reach, std::uint64_t largest_file) {
  if (reach == Reach::descriptors) drop_user();
  // A change of user resets the death signal, so this comes second.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) throw util::SysError(errno, "tying the worker to its parent");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) throw util::SysError(errno, "giving up privileges");
  limit(RLIMIT_AS, std::uint64_t{4} << 30);
  limit(RLIMIT_CPU, 60);
  limit(RLIMIT_FSIZE, largest_file);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NPROC, 0);
  filter_calls(reach);
}

}  // namespace vmtool::identity
