#include "isolation/namespaces.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstdio>

#include "isolation/system.hpp"

namespace vmtool::isolation {

std::uint64_t clone_flag(NamespaceKind kind) noexcept {
  switch (kind) {
    case NamespaceKind::user: return CLONE_NEWUSER;
    case NamespaceKind::pid: return CLONE_NEWPID;
    case NamespaceKind::mount: return CLONE_NEWNS;
    case NamespaceKind::network: return CLONE_NEWNET;
    case NamespaceKind::ipc: return CLONE_NEWIPC;
    case NamespaceKind::uts: return CLONE_NEWUTS;
    case NamespaceKind::cgroup: return CLONE_NEWCGROUP;
    case NamespaceKind::time: return CLONE_NEWTIME;
  }
  return 0;
}

const char* namespace_file(NamespaceKind kind) noexcept {
  switch (kind) {
    case NamespaceKind::user: return "user";
    case NamespaceKind::pid: return "pid";
    case NamespaceKind::mount: return "mnt";
    case NamespaceKind::network: return "net";
    case NamespaceKind::ipc: return "ipc";
    case NamespaceKind::uts: return "uts";
    case NamespaceKind::cgroup: return "cgroup";
    case NamespaceKind::time: return "time";
  }
  return "";
}

std::uint64_t differing_namespaces(pid_t pid) {
  std::uint64_t flags = 0;
  for (const NamespaceKind kind :
       {NamespaceKind::user, NamespaceKind::pid, NamespaceKind::mount, NamespaceKind::network, NamespaceKind::ipc,
        NamespaceKind::uts, NamespaceKind::cgroup, NamespaceKind::time}) {
    char theirs[64];
    char ours[64];
    std::snprintf(theirs, sizeof theirs, "/proc/%d/ns/%s", pid, namespace_file(kind));
    std::snprintf(ours, sizeof ours, "/proc/self/ns/%s", namespace_file(kind));
    struct stat a {};
    struct stat b {};
    if (::stat(theirs, &a) != 0 || ::stat(ours, &b) != 0) continue;  // a kernel without that kind
    if (a.st_ino != b.st_ino) flags |= clone_flag(kind);
  }
  return flags;
}

Outcome die_with_launcher(const Child& child) noexcept {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return Outcome::last_error();
  // getppid() is 0 in a new pid namespace, so the socket tells whether the launcher died before the wish.
  char byte = 0;
  if (::recv(child.sync, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) return {EPIPE, "the launcher is gone"};
  return {};
}

Outcome wait_for_go(const Child& child) noexcept {
  char byte = 0;
  const ssize_t got = ::recv(child.sync, &byte, 1, 0);
  if (got < 0) return Outcome::last_error();
  return got == 0 ? Outcome{EPIPE, "the launcher is gone"} : Outcome{};
}

Outcome write_proc(const Child& child, const char* path, std::string_view text) noexcept {
  const int file = sys::open_at(child.proc, path, O_WRONLY, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
  if (file < 0) return Outcome::last_error();
  Outcome outcome;
  struct statfs about {};
  if (::fstatfs(file, &about) != 0) {
    outcome = Outcome::last_error();
  } else if (about.f_type != PROC_SUPER_MAGIC) {
    outcome = {EXDEV, "the file is not on procfs"};
  } else if (::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    outcome = Outcome::last_error();
  }
  ::close(file);
  return outcome;
}

Outcome run(const JoinNamespace& step, Child& child) noexcept {
  if (::setns(child.namespaces[step.index], static_cast<int>(clone_flag(step.kind))) != 0) return Outcome::last_error();
  if (step.kind != NamespaceKind::user) return {};
  if (sys::set_group(0) != 0 || sys::set_user(0) != 0)
    return Outcome::last_error("becoming root of the user namespace");
  return die_with_launcher(child);
}

Outcome run(const JoinContainer& step, Child& child) noexcept {
  if (::setns(child.container, static_cast<int>(step.flags)) != 0) return Outcome::last_error();
  if ((step.flags & CLONE_NEWUSER) != 0 && (sys::set_group(0) != 0 || sys::set_user(0) != 0)) {
    return Outcome::last_error("becoming root of the user namespace");
  }
  child.root = ::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (child.root < 0) return Outcome::last_error("opening the container's root");
  // setns changes the root directory to that of the namespace's first mount, which pivot_root has replaced.
  if (::fchdir(child.root) != 0) return Outcome::last_error();
  return die_with_launcher(child);
}

Outcome run(const WaitForCgroup&, Child& child) noexcept { return wait_for_go(child); }

Outcome run(const JoinCgroups&, Child& child) noexcept {
  for (const int file : child.cgroups) {
    // "0" is the writer: for a thread that moves itself alone the kernel needs no lock that waits for all CPUs.
    if (::write(file, "0", 1) != 1) return Outcome::last_error();
    ::close(file);
  }
  return {};
}

Outcome run(const MakeCgroupNamespace&, Child&) noexcept {
  return ::unshare(CLONE_NEWCGROUP) == 0 ? Outcome{} : Outcome::last_error();
}

Outcome run(const MakeTimeNamespace& step, Child& child) noexcept {
  if (::unshare(CLONE_NEWTIME) != 0) return Outcome::last_error();
  if (step.offsets.empty()) return {};
  return write_proc(child, "self/timens_offsets", step.offsets);
}

Outcome run(const EnterUserNamespace& step, Child& child) noexcept {
  if (auto done = wait_for_go(child); !done) return done;
  if (step.set_groups && sys::set_groups(0, nullptr) != 0) return Outcome::last_error("dropping supplementary groups");
  if (sys::set_group(0) != 0 || sys::set_user(0) != 0)
    return Outcome::last_error("becoming root of the user namespace");
  return die_with_launcher(child);
}

Outcome run(const NewSession&, Child&) noexcept {
  if (::setsid() < 0) return Outcome::last_error();
  // Kernels without keyrings, and filters around us, may refuse: there is no keyring to share then.
  if (sys::new_session_keyring("isolate") < 0 && errno != ENOSYS && errno != EPERM && errno != EDQUOT) {
    return Outcome::last_error("joining a new session keyring");
  }
  return {};
}

Outcome run(const MakePrivate& step, Child&) noexcept {
  return ::mount(nullptr, "/", nullptr, step.propagation, nullptr) == 0 ? Outcome{} : Outcome::last_error();
}

Outcome run(const OpenProc&, Child& child) noexcept {
  const int context = ::fsopen("proc", FSOPEN_CLOEXEC);
  if (context >= 0) {
    if (::fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0) {
      child.proc = ::fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    }
    ::close(context);
  }
  if (child.proc >= 0) return {};
  // A user namespace whose /proc is partly hidden may not mount another; the host's own serves as long as it is one.
  child.proc = sys::open_at(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
  if (child.proc < 0) return Outcome::last_error();
  struct statfs about {};
  if (::fstatfs(child.proc, &about) != 0) return Outcome::last_error();
  if (about.f_type != PROC_SUPER_MAGIC) return {EXDEV, "/proc is not procfs"};
  return {};
}

}  // namespace vmtool::isolation
