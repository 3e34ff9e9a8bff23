#include "isolation/container_cgroup.hpp"

#include <fmt/format.h>
#include <linux/capability.h>
#include <unistd.h>

#include "isolation/capability.hpp"
#include "util/error.hpp"

namespace vmtool::isolation {
namespace {

using util::Errc;
using util::Error;

CgroupPlan plan_for(const Spec& spec, const CgroupLayout& layout, const std::string& path) {
  CgroupPlan plan = plan_cgroup(layout, path, spec.resources);
  // Without CAP_MKNOD a container has no nodes but those it was given: the rules hold by themselves.
  const bool makes_nodes =
      (spec.process.capabilities.bounding & capability_bit(CAP_MKNOD)) != 0 && !spec.makes(NamespaceKind::user);
  if (!plan.devices.empty() && makes_nodes) {
    throw Error(Errc::unavailable, "devices can't be limited: cgroup controller 'devices' is not mounted as v1")
        .hint("drop CAP_MKNOD, or the device rules");
  }
  return plan;
}

void note(const CgroupPlan& plan, const StateDirectory& files) {
  for (const CgroupDirectory& item : plan.directories) {
    files.append("cgroup", fmt::format("{} {} {}", item.is_unified() ? "-" : item.controller, item.mount, item.path));
  }
}

}  // namespace

Cgroup make_cgroup(const Spec& spec, const CgroupLayout& layout, const std::string& path, const StateDirectory& files) {
  const CgroupPlan plan = plan_for(spec, layout, path);
  // Written before anything is made, so that a killed command leaves nothing that nobody knows of.
  note(plan, files);
  try {
    return Cgroup::create(plan);
  } catch (const Error& error) {
    // An unprivileged user has no cgroup of its own on most hosts; without limits it needs none.
    if (::geteuid() == 0 || error.kind() == Errc::conflict || has_limits(spec.resources)) throw;
    files.append("no-cgroups", "they can't be made");
    return {};
  }
}

void require_no_limits(const Resources& resources) {
  if (has_limits(resources)) {
    throw Error(Errc::unavailable, "limits can't be enforced: cgroups are switched off")
        .hint("use a cgroup manager, or drop the limits");
  }
}

ContainerScope::ContainerScope(const Spec& spec, const CgroupLayout& layout)
    : spec_(spec),
      layout_(layout),
      systemd_(SystemdManager::connect()),
      name_(unit_name(spec.cgroups_path, spec.id, systemd_.is_users() ? "user.slice" : "system.slice")),
      properties_(unit_limits(spec.resources)) {
  if (layout.unified.empty()) {
    throw Error(Errc::unavailable, "systemd can't manage the cgroups: this host has no cgroup v2 tree")
        .hint("use --cgroup-manager=cgroupfs");
  }
  static_cast<void>(plan_for(spec, layout, slice_path(name_.slice) + "/" + name_.unit));
  const auto wishes = unit_wishes(spec.annotations);
  properties_.insert(properties_.end(), wishes.begin(), wishes.end());
}

Cgroup ContainerScope::make(pid_t process, const StateDirectory& files, State& state) {
  systemd_.start_scope(name_, process, fmt::format("container {}", spec_.id), properties_);
  // Ours only now: a unit of that name that was there before is somebody else's. Killed in between, the scope ends with its process.
  files.append("unit", name_.unit);
  state.unit = name_.unit;
  // Where the manager is itself somewhere below, as a user's is, only the kernel knows the whole path.
  const std::string path = unified_path_of(process);
  if (!path.ends_with("/" + name_.unit)) {
    throw Error(Errc::unavailable, fmt::format("systemd did not put the container into the unit '{}'", name_.unit))
        .hint("it must see processes by the same ids as this program");
  }
  state.cgroup_path = path;
  files.append("cgroup-path", path);
  const CgroupPlan plan = plan_for(spec_, layout_, path);
  note(plan, files);
  state.cgroups = plan.directories;
  Cgroup cgroup = Cgroup::create(plan, layout_.unified + path);
  cgroup.join_v1(process);
  return cgroup;
}

void release_scope(const std::string& unit) noexcept {
  try {
    SystemdManager::connect().remove(unit);
  } catch (const Error&) {
    return;  // an empty scope ends by itself
  }
}

bool scope_ran_out_of_memory(const std::string& unit) noexcept {
  try {
    return SystemdManager::connect().ended_without_memory(unit);
  } catch (const Error&) {
    return false;  // nobody knows then
  }
}

}  // namespace vmtool::isolation
