#include "isolation/plan_mounts.hpp"

#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>

#include "util/error.hpp"

namespace vmtool::isolation {
namespace {

/// Filesystems that must lie on a real directory: on a symlink of the image they would end up elsewhere, and what is
/// written to them later would be the image's own files.
bool needs_real_directory(const std::string& type) {
  return type == "proc" || type == "sysfs" || type == "cgroup" || type == "cgroup2";
}

bool is_file(const std::string& source) {
  struct stat about {};
  return ::stat(source.c_str(), &about) == 0 && !S_ISDIR(about.st_mode);
}

std::string absolute_source(const Spec& spec, const std::string& source) {
  return source.starts_with('/') ? source : spec.bundle + "/" + source;
}

bool is_cgroup(const Mount& mount) { return mount.type == "cgroup" || mount.type == "cgroup2"; }

/// The cgroup namespace's root is the cgroup that the process is in when it is made.
void plan_cgroups(const Spec& spec, Plan& plan) {
  plan.add("joining the cgroup", JoinCgroups{});
  if (spec.makes(NamespaceKind::cgroup)) plan.add("making the cgroup namespace", MakeCgroupNamespace{});
}

void plan_mount(const Spec& spec, const Mount& mount, const PlanContext& context, Plan& plan) {
  const std::string& destination = mount.destination;
  MountOptions options = parse_mount_options(mount.options);
  if (options.copy_up) {
    throw util::Error(util::Errc::unavailable,
                      fmt::format("mount option 'tmpcopyup' on '{}' is not available", destination))
        .hint("mount without it");
  }
  if (is_cgroup(mount)) {
    if (spec.makes(NamespaceKind::cgroup)) {
      plan.add(fmt::format("mounting cgroup on '{}'", destination),
               CgroupMount{destination, std::move(options), context.cgroup_hierarchies});
      return;
    }
    // Without a cgroup namespace the whole tree of the host would be seen: it is shown read-only.
    options = parse_mount_options({"rbind", "ro", "rro", "nosuid", "nodev", "noexec"});
    plan.add(fmt::format("mounting cgroup on '{}'", destination),
             MountStep{destination, "bind", "/sys/fs/cgroup", std::move(options), Links::refuse, {}, false, false});
    return;
  }
  MountStep step;
  step.destination = destination;
  step.classic = context.classic_mounts;
  step.type = mount.type;
  step.source = mount.source;
  if (options.bind || mount.type == "bind" || mount.type == "none") {
    step.type = "bind";
    options.bind = true;
    options.read_only_superblock = false;
    step.source = absolute_source(spec, mount.source);
    step.is_file = is_file(step.source);
  } else if (mount.type.empty()) {
    throw util::Error(util::Errc::invalid_input,
                      fmt::format("the mount on '{}' has neither a type nor a bind option", destination));
  }
  step.links = needs_real_directory(step.type) ? Links::refuse : Links::follow;
  step.options = std::move(options);
  std::string what =
      fmt::format("mounting {} on '{}'", step.type == "bind" ? "'" + step.source + "'" : step.type, destination);
  plan.add(std::move(what), std::move(step));
}

void plan_devices(const Spec& spec, Plan& plan) {
  const auto binds_dev = [](const Mount& mount) {
    const auto has = [&](const char* word) {
      return std::find(mount.options.begin(), mount.options.end(), word) != mount.options.end();
    };
    return mount.destination == "/dev" && (mount.type == "bind" || has("bind") || has("rbind"));
  };
  // The host's own /dev: nothing of ours is made there.
  if (std::any_of(spec.mounts.begin(), spec.mounts.end(), binds_dev)) return;
  std::vector<Device> devices = default_devices();
  for (const Device& device : spec.devices) {
    const auto same =
        std::find_if(devices.begin(), devices.end(), [&](const Device& d) { return d.path == device.path; });
    if (same == devices.end()) {
      devices.push_back(device);
    } else {
      *same = device;
    }
  }
  for (const Device& device : devices) plan.add(fmt::format("making device '{}'", device.path), MakeDevice{device});
  const std::vector<MakeLink> links{{"/dev/fd", "/proc/self/fd"},
                                    {"/dev/stdin", "/proc/self/fd/0"},
                                    {"/dev/stdout", "/proc/self/fd/1"},
                                    {"/dev/stderr", "/proc/self/fd/2"},
                                    {"/dev/ptmx", "pts/ptmx"}};
  for (const MakeLink& link : links) plan.add(fmt::format("making link '{}'", link.path), link);
}

}  // namespace

void plan_root(const Spec& spec, const PlanContext& context, Plan& plan) {
  RootStep root{spec.root, spec.makes(NamespaceKind::user) && !context.privileged, {}, !spec.masked_paths.empty()};
  plan.add(spec.root.overlay ? "mounting the overlay root" : fmt::format("mounting the root '{}'", spec.root.path),
           std::move(root));
  // As late as possible, because the launcher needs its time for them.
  const auto first = std::find_if(spec.mounts.begin(), spec.mounts.end(), is_cgroup);
  for (auto mount = spec.mounts.begin(); mount != spec.mounts.end(); ++mount) {
    if (mount == first) plan_cgroups(spec, plan);
    plan_mount(spec, *mount, context, plan);
  }
  plan_devices(spec, plan);
  if (first == spec.mounts.end()) plan_cgroups(spec, plan);
}

void plan_protection(const Spec& spec, Plan& plan) {
  for (const std::string& path : spec.read_only_paths)
    plan.add(fmt::format("making '{}' read-only", path), ReadOnlyPath{path});
  for (const std::string& path : spec.masked_paths) plan.add(fmt::format("masking '{}'", path), MaskPath{path});
  if (spec.root.read_only || spec.root.propagation != 0) {
    plan.add(spec.root.read_only ? "making the root read-only" : "setting the root's propagation",
             FinishRoot{spec.root.read_only, spec.root.propagation});
  }
}

}  // namespace vmtool::isolation
