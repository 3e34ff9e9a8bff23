#include "isolation/identity.hpp"

#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "isolation/capability.hpp"
#include "isolation/namespaces.hpp"
#include "isolation/rooted.hpp"
#include "isolation/system.hpp"
#include "util/fd.hpp"

namespace vmtool::isolation {

static_assert(sizeof(sock_filter) == sizeof(std::uint64_t));

Outcome run(const BecomeUser& step, Child& child) noexcept {
  if (auto done = drop_bounding_set(step.capabilities.bounding); !done) return done;
  if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return Outcome::last_error("keeping capabilities");
  if (step.set_groups) {
    if (sys::set_groups(static_cast<unsigned>(step.user.groups.size()), step.user.groups.data()) != 0) {
      return Outcome::last_error("setting supplementary groups");
    }
  }
  if (sys::set_group(step.user.gid) != 0) return Outcome::last_error("setting the group");
  if (sys::set_user(step.user.uid) != 0) return Outcome::last_error("setting the user");
  if (::prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) != 0) return Outcome::last_error();
  if (auto done = set_capabilities(step.capabilities); !done) return done;
  static_cast<void>(::umask(step.user.umask.value_or(022)));
  return die_with_launcher(child);
}

Outcome run(const EnterDirectory& step, Child& child) noexcept {
  // As other runtimes do, a missing working directory is made; but nothing is followed through /proc/self/fd.
  const util::Fd directory(make_directory_in_root(child.root, step.path.c_str()));
  if (!directory) return Outcome::last_error(errno == ELOOP ? "it leads through a descriptor" : nullptr);
  if (::fchdir(directory.get()) != 0) return Outcome::last_error();
  // A directory outside of the container has no path from our root: the kernel says "(unreachable)".
  char path[PATH_MAX];
  const long length = ::syscall(SYS_getcwd, path, sizeof path);
  if (length < 0) return Outcome::last_error();
  return path[0] == '/' ? Outcome{} : Outcome{EXDEV, "the directory lies outside of the container"};
}

Outcome run(const SetNoNewPrivileges&, Child&) noexcept {
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? Outcome{} : Outcome::last_error();
}

Outcome run(const InstallFilter& step, Child&) noexcept {
  // The instructions are kept as whole words; sock_filter has the same size and alignment of its first member.
  const sock_fprog program{static_cast<unsigned short>(step.program.size()),
                           reinterpret_cast<sock_filter*>(const_cast<std::uint64_t*>(step.program.data()))};
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, step.flags, &program) != 0) return Outcome::last_error();
  return {};
}

}  // namespace vmtool::isolation
