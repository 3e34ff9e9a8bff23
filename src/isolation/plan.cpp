#include "isolation/plan.hpp"

#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/mount.h>

#include <algorithm>

#include "isolation/capability.hpp"
#include "isolation/plan_mounts.hpp"
#include "util/error.hpp"

namespace vmtool::isolation {
namespace {

using util::Errc;
using util::Error;

void plan_namespaces(const Spec& spec, const PlanContext& context, Plan& plan) {
  const bool user = spec.makes(NamespaceKind::user);
  // In a user namespace of its own the child waits for the launcher anyway.
  if (context.late_cgroup && !user) plan.add("waiting for the cgroup", WaitForCgroup{});
  for (const Namespace& item : spec.namespaces) {
    if (item.path.empty()) {
      // The cgroup and time namespaces are made later, by the child itself.
      if (item.kind != NamespaceKind::cgroup && item.kind != NamespaceKind::time)
        plan.clone_flags |= clone_flag(item.kind);
      continue;
    }
    // A process enters a pid namespace only by being born there, which the launcher sees to.
    plan.joined.push_back(item);
    if (item.kind != NamespaceKind::pid) {
      plan.add(fmt::format("joining the {} namespace '{}'", namespace_file(item.kind), item.path),
               JoinNamespace{item.kind, plan.joined.size() - 1});
    }
  }
  if (user) plan.add("entering the user namespace", EnterUserNamespace{context.set_groups});
  plan.add("starting a session", NewSession{});
  const bool slave = (spec.root.propagation & (MS_SHARED | MS_SLAVE)) != 0;
  if (spec.makes(NamespaceKind::mount)) {
    plan.add("detaching mount events from the host",
             MakePrivate{static_cast<unsigned long>(slave ? MS_SLAVE : MS_PRIVATE) | MS_REC});
  }
  plan.add("opening procfs", OpenProc{});
  if (spec.makes(NamespaceKind::time)) {
    std::string offsets;
    for (const auto& [clock, offset] : spec.time_offsets) offsets += fmt::format("{} {}\n", clock, offset);
    plan.add("making the time namespace", MakeTimeNamespace{std::move(offsets)});
  }
  if (spec.makes(NamespaceKind::network)) plan.add("raising the loopback", RaiseLoopback{});
}

void plan_names(const Spec& spec, Plan& plan) {
  if (!spec.hostname.empty())
    plan.add(fmt::format("setting the hostname '{}'", spec.hostname), SetHostname{spec.hostname});
  if (!spec.domainname.empty())
    plan.add(fmt::format("setting the domain name '{}'", spec.domainname), SetDomainname{spec.domainname});
}

void plan_sysctls(const Spec& spec, Plan& plan) {
  for (const auto& [name, value] : spec.sysctl) {
    std::string path = "sys/" + name;
    if (name.find('/') == std::string::npos) std::replace(path.begin(), path.end(), '.', '/');
    plan.add(fmt::format("setting the kernel parameter '{}'", name), SetSysctl{std::move(path), value});
  }
}

Capabilities within(const Capabilities& sets, std::uint64_t limit) {
  Capabilities out = sets;
  out.bounding &= limit;
  out.permitted &= limit;
  out.effective &= out.permitted;
  // Inheritable and ambient sets let any file capability loose; nothing but an ambient wish of the spec is passed on.
  out.ambient &= out.permitted & sets.inheritable;
  out.inheritable = out.ambient;
  return out;
}

/// From the limits of the process to the gate: common to a container's first process and to exec.
void plan_process(const Spec& spec, const Process& process, const PlanContext& context, Plan& plan) {
  for (const Rlimit& limit : process.rlimits) plan.add("raising a resource limit", RaiseRlimit{limit});
  if (process.oom_score_adj) plan.add("setting oom_score_adj", SetOomScoreAdj{std::to_string(*process.oom_score_adj)});
  if (!process.apparmor_profile.empty()) {
    plan.add(fmt::format("setting the AppArmor profile '{}'", process.apparmor_profile),
             SetAppArmor{"exec " + process.apparmor_profile});
  }
  if (process.terminal) plan.add("taking the terminal", UseConsole{});
  // Without no_new_privs only a privileged process may install a filter; it then covers the steps that are left, too.
  const auto install_filter = [&] {
    plan.add("installing the seccomp filter", InstallFilter{context.filter, context.filter_flags});
  };
  if (!process.no_new_privileges && !context.filter.empty()) install_filter();
  plan.add(fmt::format("becoming user {}:{}", process.user.uid, process.user.gid),
           BecomeUser{process.user, context.set_groups, within(process.capabilities, context.bounding_set)});
  plan.add(fmt::format("entering the directory '{}'", process.cwd), EnterDirectory{process.cwd});
  if (context.deferred_start) plan.add("waiting for start", WaitForStart{context.start_fifo});
  if (context.outlives_launcher && !context.deferred_start) plan.add("outliving the launcher", OutliveLauncher{});
  if (!spec.hooks.start_container.empty() && &process == &spec.process) {
    plan.add("running startContainer hooks", RunHooks{spec.hooks.start_container, context.state, "created"});
  }
  for (const Rlimit& limit : process.rlimits) plan.add("setting a resource limit", SetRlimit{limit});
  if (process.no_new_privileges) {
    plan.add("setting no_new_privs", SetNoNewPrivileges{});
    if (!context.filter.empty()) install_filter();
  }
  plan.add(fmt::format("starting '{}'", process.args.front()),
           Execute{process.args, process.env, context.preserved_descriptors, spec.init && &process == &spec.process});
}

}  // namespace

Plan plan_container(const Spec& spec, const PlanContext& context) {
  check_spec(spec);
  Plan plan;
  plan.steps.reserve(48);
  plan_namespaces(spec, context, plan);
  plan.hidden = !plan.joined.empty() && !spec.makes(NamespaceKind::user);
  plan_root(spec, context, plan);
  plan_sysctls(spec, plan);
  plan.waits_for_launcher =
      !spec.interfaces.empty() || !spec.hooks.prestart.empty() || !spec.hooks.create_runtime.empty();
  if (plan.waits_for_launcher) plan.add("waiting for network and hooks", WaitForLauncher{});
  if (!spec.interfaces.empty()) plan.add("configuring the network", ConfigureNetwork{inside_messages(spec)});
  if (!spec.hooks.create_container.empty()) {
    plan.add("running createContainer hooks", RunHooks{spec.hooks.create_container, context.state, "creating"});
  }
  if (spec.process.terminal) {
    plan.add("opening the terminal", OpenConsole{spec.process.rows, spec.process.columns, true, spec.process.user.uid});
  }
  plan_protection(spec, plan);
  plan.add("changing the root", PivotRoot{!context.pivot});
  plan_names(spec, plan);
  plan_process(spec, spec.process, context, plan);
  return plan;
}

Plan plan_exec(const Spec& spec, const Process& process, const PlanContext& context) {
  Plan plan;
  plan.hidden = true;
  plan.add("joining the container's namespaces", JoinContainer{});
  plan.add("starting a session", NewSession{});
  plan.add("opening procfs", OpenProc{});
  if (process.terminal)
    plan.add("opening the terminal", OpenConsole{process.rows, process.columns, false, process.user.uid});
  plan.add("joining the cgroup", JoinCgroups{});
  plan_process(spec, process, context, plan);
  return plan;
}

}  // namespace vmtool::isolation
