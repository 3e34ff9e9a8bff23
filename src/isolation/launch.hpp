#pragma once
// From a plan to a process: clone3, the steps in the child, its failures thrown again in the launcher.
//
//   launcher                         child
//   clone3 ────────────────────────► steps …
//   maps, cgroup  ── go ───────────► EnterUserNamespace or WaitForCgroup
//   fuse server   ◄─ overlay ─────── RootStep, where the kernel refuses an overlay ◄── go ──
//   network,hooks ◄─ namespaces ──── WaitForLauncher ◄── go ──
//   terminal      ◄─ console ─────── OpenConsole
//   return        ◄─ created ─────── WaitForStart (then lives on its own)
//   return        ◄─ go, then EOF ── Execute (the gate's socket closes with execve)
//   throw         ◄─ Failure ─────── any step
// Whoever dies closes the socket: nobody waits for the dead.

#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "isolation/plan.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

namespace vmtool::isolation {

/// The command itself could not be started; the exit code is what a shell gives: 127 not found, 126 not executable.
class CommandError : public util::SysError {
 public:
  using util::SysError::SysError;
  int shell_code() const noexcept { return errno_value() == ENOENT ? 127 : 126; }
};

struct Launch {
  const Plan& plan;
  std::vector<int> cgroup_tasks{};        ///< `tasks` of the v1 cgroups, which the child joins
  int cgroup = -1;                        ///< v2 directory for CLONE_INTO_CGROUP
  std::vector<int> trees{};               ///< detached mounts for Child::trees
  int container = -1;                     ///< pidfd of a running container that is joined
  std::uint64_t container_flags = 0;      ///< namespaces of it that the launcher itself joins first (pid, user)
  std::function<void(pid_t)> on_start{};  ///< right after clone3; the child may run already
  std::vector<int> own{};        ///< the launcher's own (the locked state directory …), which the child must not hold
  bool waits_for_start = false;  ///< the child waits for go after on_start
  std::function<void(pid_t)> on_namespaces{};  ///< the child waits meanwhile
  std::function<void(util::Fd)> on_console{};
  std::function<void(util::Fd, pid_t)> on_overlay{};  ///< gives a FUSE mount its server; the child waits meanwhile
};

struct Launched {
  pid_t pid = -1;
  util::Fd process{};  ///< its pidfd
};

/// Launches. Throws the failure of a step with its words as step; CommandError for the command itself; the child is
/// reaped then. Throws Error{internal} when the caller has more than one thread.
Launched launch(const Launch& launch);

}  // namespace vmtool::isolation
