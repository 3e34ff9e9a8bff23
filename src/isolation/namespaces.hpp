#pragma once
// Namespaces: which are made by clone3, which are joined, and the propagation of the first mount.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "isolation/child.hpp"
#include "isolation/failure.hpp"
#include "isolation/spec.hpp"

namespace vmtool::isolation {

/// CLONE_NEW* of a kind.
std::uint64_t clone_flag(NamespaceKind kind) noexcept;
/// The file below /proc/PID/ns, which is also the word of messages ("net", "mnt").
const char* namespace_file(NamespaceKind kind) noexcept;

/// CLONE_NEW* of the namespaces in which process `pid` is and the caller is not.
std::uint64_t differing_namespaces(pid_t pid);

/// Joins the namespace that the launcher opened.
struct JoinNamespace {
  NamespaceKind kind{};
  std::size_t index = 0;  ///< into Child::namespaces
};
/// Joins all namespaces of a running container but its pid namespace, in one setns(2), and stands in its root.
struct JoinContainer {
  std::uint64_t flags = 0;  ///< CLONE_NEW*, set by the launcher from what differs
};
/// Waits until the launcher has put this process into its cgroup.
struct WaitForCgroup {};
/// Writes this process into its v1 cgroups; it was born in that of v2.
struct JoinCgroups {};
/// Makes the cgroup namespace; after JoinCgroups, so that its root is the container's cgroup.
struct MakeCgroupNamespace {};
/// Makes the time namespace, which takes effect with execve, and sets its clocks.
struct MakeTimeNamespace {
  std::string offsets{};  ///< lines of /proc/PID/timens_offsets
};
/// Waits until the launcher has written the id maps, then becomes root of the user namespace.
struct EnterUserNamespace {
  bool set_groups = true;  ///< false where setgroups(2) is denied in it
};
/// A session of its own and a new keyring.
struct NewSession {};
/// Mount events no longer pass to or from the host.
struct MakePrivate {
  unsigned long propagation = 0;  ///< MS_PRIVATE or MS_SLAVE, with MS_REC
};
/// Opens the detached procfs that all writes to /proc go through.
struct OpenProc {};

Outcome run(const JoinNamespace& step, Child& child) noexcept;
Outcome run(const JoinContainer& step, Child& child) noexcept;
Outcome run(const WaitForCgroup& step, Child& child) noexcept;
Outcome run(const JoinCgroups& step, Child& child) noexcept;
Outcome run(const MakeCgroupNamespace& step, Child& child) noexcept;
Outcome run(const MakeTimeNamespace& step, Child& child) noexcept;
Outcome run(const EnterUserNamespace& step, Child& child) noexcept;
Outcome run(const NewSession& step, Child& child) noexcept;
Outcome run(const MakePrivate& step, Child& child) noexcept;
Outcome run(const OpenProc& step, Child& child) noexcept;

/// Opens and writes a file of the detached procfs; refuses anything that is not procfs.
Outcome write_proc(const Child& child, const char* path, std::string_view text) noexcept;

/// Waits until the launcher has done its next part; fails if it is gone.
Outcome wait_for_go(const Child& child) noexcept;

/// Asks to be killed when the launcher dies, and fails if it is dead already. The kernel forgets the wish at every
/// change of credentials, so it is repeated after each.
Outcome die_with_launcher(const Child& child) noexcept;

}  // namespace vmtool::isolation
