#pragma once
// The plan of a launch: everything that happens between clone3 and execve, as data that tests read without root.
//
// Order of the steps of a new container (the numbers of the security order in docs/explanation/isolation.md):
//   [wait for the cgroup] → join namespaces → user namespace → session → private mounts → procfs → time namespace → network →
//   root → mounts → [cgroups joined, cgroup namespace: before the first cgroup mount] → devices → sysctls → [launcher: network, hooks] → masks → read-only →
//   console → pivot_root → names → limits raised → user and capabilities → directory → [wait for start] → limits → filter →
//   gate

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "isolation/console.hpp"
#include "isolation/device.hpp"
#include "isolation/execute.hpp"
#include "isolation/hook.hpp"
#include "isolation/identity.hpp"
#include "isolation/kernel_state.hpp"
#include "isolation/mask.hpp"
#include "isolation/mount.hpp"
#include "isolation/namespaces.hpp"
#include "isolation/network.hpp"
#include "isolation/root.hpp"
#include "isolation/seccomp.hpp"
#include "isolation/spec.hpp"

namespace vmtool::isolation {

using Action =
    std::variant<WaitForCgroup, JoinNamespace, JoinContainer, JoinCgroups, MakeCgroupNamespace, MakeTimeNamespace,
                 EnterUserNamespace, NewSession, MakePrivate, OpenProc, RaiseLoopback, ConfigureNetwork, RootStep,
                 MountStep, CgroupMount, MakeDevice, MakeLink, SetSysctl, WaitForLauncher, RunHooks, MaskPath,
                 ReadOnlyPath, FinishRoot, OpenConsole, PivotRoot, SetHostname, SetDomainname, RaiseRlimit, SetRlimit,
                 SetOomScoreAdj, SetAppArmor, BecomeUser, EnterDirectory, WaitForStart, OutliveLauncher, UseConsole,
                 SetNoNewPrivileges, InstallFilter, Execute>;

/// One step and the words for it, which follow "while": "mounting proc on '/proc'".
struct Step {
  std::string what{};
  Action action{};
};

struct Plan {
  std::uint64_t clone_flags = 0;    ///< CLONE_NEW* of the namespaces that clone3 makes
  std::vector<Namespace> joined{};  ///< what the launcher opens for the JoinNamespace steps
  bool waits_for_launcher = false;  ///< it has a WaitForLauncher step
  bool hidden = false;              ///< the child can be seen from a container before it is confined
  std::vector<Step> steps{};

  void add(std::string what, Action action) { steps.push_back({std::move(what), std::move(action)}); }
};

/// What the plan needs to know of the host and of the way it is launched.
struct PlanContext {
  bool privileged = true;          ///< root of the host's user namespace
  bool late_cgroup = false;        ///< the child is put into its cgroup after the clone
  bool deferred_start = false;     ///< `create`: waits on the fifo
  int start_fifo = -1;             ///< O_PATH descriptor of it
  bool outlives_launcher = false;  ///< detached
  bool pivot = true;
  bool classic_mounts = false;
  unsigned preserved_descriptors = 0;
  bool set_groups = true;  ///< setgroups(2) works in the container's user namespace
  std::vector<std::pair<std::string, std::string>> cgroup_hierarchies{};  ///< for a cgroup mount on v1
  FilterProgram filter{};                                                 ///< empty: none
  unsigned filter_flags = 0;
  StateText state{};
  std::uint64_t bounding_set = ~std::uint64_t{0};  ///< what this process may hand on
};

/// Checks a spec for what can be said without the host: paths, ids, names, maps. Throws Error{invalid_input}.
void check_spec(const Spec& spec);

/// The part of it that concerns a process alone.
void check_process(const Process& process);

/// The plan of a new container. Throws Error.
Plan plan_container(const Spec& spec, const PlanContext& context);

/// The plan of a further process in a running container; its namespaces are joined by the launcher's pidfd.
Plan plan_exec(const Spec& spec, const Process& process, const PlanContext& context);

}  // namespace vmtool::isolation
