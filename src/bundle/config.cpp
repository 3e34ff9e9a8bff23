#include "bundle/config.hpp"

#include <fmt/format.h>

#include "bundle/parts.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::bundle {
namespace {

Json id_map_json(const std::vector<model::IdMapping>& ranges) {
  Json out = Json::array();
  for (const model::IdMapping& range : ranges)
    out.push_back({{"containerID", range.container_id}, {"hostID", range.host_id}, {"size", range.size}});
  return out;
}

Json seccomp_json(const std::string& text, const std::string& file) {
  Json profile = Json::parse(text, nullptr, false);
  if (!profile.is_object() || !profile.contains("defaultAction")) {
    throw util::Error(util::Errc::invalid_input, fmt::format("'{}' is no seccomp profile", util::printable(file)))
        .hint("it is the member linux.seccomp of a config.json: an object with defaultAction and syscalls");
  }
  return profile;
}

// Whoever is inside may ping without CAP_NET_RAW (icmp(7)); in a user namespace only groups that it has can be named.
Json sysctl_json(const model::Container& container, const ConfigFacts& facts) {
  std::map<std::string, std::string> all = container.sysctl;
  all.emplace("net.ipv4.ping_group_range", facts.uids.empty() ? "0 2147483647" : "0 0");
  return all;
}

Json linux_json(const model::Container& container, const ConfigFacts& facts) {
  Json os;
  Json namespaces = Json::array();
  for (const char* type : {"pid", "network", "ipc", "uts", "mount", "cgroup"}) namespaces.push_back({{"type", type}});
  if (!facts.uids.empty()) {
    namespaces.push_back({{"type", "user"}});
    os["uidMappings"] = id_map_json(facts.uids);
    os["gidMappings"] = id_map_json(facts.gids);
  }
  os["namespaces"] = std::move(namespaces);
  os["sysctl"] = sysctl_json(container, facts);
  os["cgroupsPath"] = "/vmtool/" + container.name;
  Json resources = resources_json(container.resources, facts.devices);
  if (!facts.rootless) resources["devices"] = {{{"allow", false}, {"access", "rwm"}}};
  if (!resources.empty()) os["resources"] = std::move(resources);
  if (!facts.seccomp_profile.empty()) os["seccomp"] = seccomp_json(facts.seccomp_profile, container.seccomp);
  os["maskedPaths"] = {"/proc/acpi",          "/proc/asound",     "/proc/kcore",       "/proc/keys",
                       "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
                       "/proc/scsi",          "/proc/interrupts", "/sys/firmware",     "/sys/devices/virtual/powercap"};
  os["readonlyPaths"] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
  return os;
}

}  // namespace

std::string write_config(const model::Container& container, const ConfigFacts& facts) {
  Json out;
  out["ociVersion"] = "1.1.0";
  out["process"] = process_json(container, facts);
  out["root"] = {{"path", "rootfs"}, {"readonly", container.rootfs.read_only}};
  out["hostname"] = model::hostname_of(container);
  out["mounts"] = mounts_json(container, facts);
  out["linux"] = linux_json(container, facts);
  if (model::is_on_user_network(container)) out["hooks"] = user_network_hooks(container);
  out["annotations"] = annotations_json(container, facts);
  return out.dump(2) + "\n";
}

std::string write_resources(const model::ContainerResources& resources, const model::ContainerResources& before,
                            const std::map<std::string, DeviceNumber>& devices) {
  constexpr int none = -1;
  constexpr int default_shares = 1024;
  Json out = resources_json(resources, devices);
  if (before.memory.limit && !resources.memory.limit) out["memory"]["limit"] = none;
  if (before.memory.swap && !resources.memory.swap) out["memory"]["swap"] = none;
  if (before.memory.reservation && !resources.memory.reservation) out["memory"]["reservation"] = none;
  if (before.cpu.quota && !resources.cpu.quota) out["cpu"]["quota"] = none;
  if (before.cpu.shares && !resources.cpu.shares) out["cpu"]["shares"] = default_shares;
  if (before.pids.limit && !resources.pids.limit) out["pids"]["limit"] = none;
  return out.dump();
}

}  // namespace vmtool::bundle
