#include "images/confinement.hpp"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include <fmt/format.h>

#include "images/subordinate_ids.hpp"
#include "isolation/idmap.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/handle.hpp"

namespace vmtool::images {
namespace {

using util::Errc;
using util::Error;
using util::SysError;

// Files below what is open, and what the C library and the decompressors need.
constexpr std::array allowed_calls{SCMP_SYS(openat2),
                                   SCMP_SYS(openat),
                                   SCMP_SYS(close),
                                   SCMP_SYS(read),
                                   SCMP_SYS(write),
                                   SCMP_SYS(pread64),
                                   SCMP_SYS(pwrite64),
                                   SCMP_SYS(lseek),
                                   SCMP_SYS(ftruncate),
                                   SCMP_SYS(fstat),
                                   SCMP_SYS(newfstatat),
                                   SCMP_SYS(statx),
                                   SCMP_SYS(getdents64),
                                   SCMP_SYS(readlinkat),
                                   SCMP_SYS(fcntl),
                                   SCMP_SYS(fsync),
                                   SCMP_SYS(fadvise64),
                                   SCMP_SYS(mkdirat),
                                   SCMP_SYS(mknodat),
                                   SCMP_SYS(linkat),
                                   SCMP_SYS(symlinkat),
                                   SCMP_SYS(unlinkat),
                                   SCMP_SYS(renameat2),
                                   SCMP_SYS(fchown),
                                   SCMP_SYS(fchownat),
                                   SCMP_SYS(fchmod),
                                   SCMP_SYS(fchmodat),
                                   SCMP_SYS(utimensat),
                                   SCMP_SYS(fsetxattr),
                                   SCMP_SYS(fgetxattr),
                                   SCMP_SYS(flistxattr),
                                   SCMP_SYS(mmap),
                                   SCMP_SYS(munmap),
                                   SCMP_SYS(mremap),
                                   SCMP_SYS(mprotect),
                                   SCMP_SYS(madvise),
                                   SCMP_SYS(brk),
                                   SCMP_SYS(futex),
                                   SCMP_SYS(clock_gettime),
                                   SCMP_SYS(getrandom),
                                   SCMP_SYS(getpid),
                                   SCMP_SYS(gettid),
                                   SCMP_SYS(geteuid),
                                   SCMP_SYS(rt_sigaction),
                                   SCMP_SYS(rt_sigprocmask),
                                   SCMP_SYS(rt_sigreturn),
                                   SCMP_SYS(restart_syscall),
                                   SCMP_SYS(tgkill),
                                   SCMP_SYS(exit),
                                   SCMP_SYS(exit_group)};

void require(int result, const char* what) {
  if (result != 0) throw SysError(errno, what);
}

// Processor time and memory of the largest layers that there are, with room.
void limit_helper(__rlimit_resource_t resource, rlim_t value) {
  rlimit wanted{value, value};
  rlimit current{};
  ::getrlimit(resource, &current);
  if (current.rlim_max < value) wanted = {current.rlim_max, current.rlim_max};
  require(::setrlimit(resource, &wanted), "limiting the helper");
}

void filter_calls_of_helper() {
  const util::Handle<void, seccomp_release> filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  if (!filter) throw Error(Errc::unavailable, "system call filters can't be made here");
  for (const int call : allowed_calls) {
    if (const int failure = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0); failure != 0)
      throw SysError(-failure, "making the system call filter");
  }
  if (const int failure = seccomp_load(filter.get()); failure != 0)
    throw SysError(-failure, "loading the system call filter");
}

Owners enter_user_namespace() {
  const SubordinateIds ids = subordinate_ids();
  const util::Fd space = isolation::make_user_namespace(ids.uids, ids.gids);
  require(::setns(space.get(), CLONE_NEWUSER), "entering the user namespace");
  return ids.uids.size() > 1 ? Owners::all : Owners::only_self;
}

// The old root goes below the new one and is then taken away, as pivot_root(2) describes.
util::DirFd make_root(const std::string& directory) {
  require(::unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS), "making namespaces for the helper");
  require(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "separating the mounts of the helper");
  require(::mount(directory.c_str(), directory.c_str(), nullptr, MS_BIND, nullptr),
          "binding the directory of the helper");
  require(::chdir(directory.c_str()), "entering the directory of the helper");
  require(static_cast<int>(::syscall(SYS_pivot_root, ".", ".")), "making the directory of the helper its root");
  require(::umount2(".", MNT_DETACH), "taking the host's root from the helper");
  require(::chdir("/"), "entering the root of the helper");
  return util::open_dir("/");
}

}  // namespace

Confined confine_to(const std::string& directory) {
  const Standing standing = ::geteuid() == 0 ? Standing::root : Standing::user;
  const Owners owners = standing == Standing::user ? enter_user_namespace() : Owners::all;
  Confined out{make_root(directory), standing, owners};
  ::umask(0);
  ::signal(SIGXFSZ, SIG_IGN);
  require(::prctl(PR_SET_PDEATHSIG, SIGKILL), "tying the helper to its parent");
  require(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "giving up privileges");
  limit_helper(RLIMIT_AS, rlim_t{4} << 30);
  limit_helper(RLIMIT_CPU, 30 * 60);
  limit_helper(RLIMIT_CORE, 0);
  limit_helper(RLIMIT_NPROC, 0);
  filter_calls_of_helper();
  return out;
}

}  // namespace vmtool::images
