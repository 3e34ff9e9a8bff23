#include "isolation/cgroup_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "isolation/systemd_unit.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::isolation {
namespace {

using util::Errc;
using util::Error;

/// Collects writes, finding the directory of a controller where it lives.
class Planner {
 public:
  Planner(const CgroupLayout& layout, std::string path) : layout_(layout), path_(std::move(path)) {}

  bool is_v2(const std::string& controller) const {
    return layout_.unified_controllers.contains(controller) && !layout_.v1.contains(controller);
  }

  /// The directory where `controller` lives; throws where it lives nowhere.
  CgroupDirectory& directory(const std::string& controller, const std::string& limit) {
    if (is_v2(controller)) {
      CgroupDirectory& found = unified();
      if (std::find(found.enable.begin(), found.enable.end(), controller) == found.enable.end())
        found.enable.push_back(controller);
      return found;
    }
    const auto place = layout_.v1.find(controller);
    if (place == layout_.v1.end()) {
      throw Error(Errc::unavailable, fmt::format("{} can't be limited: cgroup controller '{}' is {}", limit, controller,
                                                 layout_.unified.empty() && layout_.v1.empty()
                                                     ? "not mounted (no cgroup filesystem is)"
                                                     : "neither in the v2 tree nor mounted as v1"))
          .hint("drop the limit, or mount the controller");
    }
    return find_or_add(controller, place->second);
  }

  CgroupDirectory& unified() { return find_or_add("", layout_.unified); }

  void write(const std::string& controller, const std::string& limit, const std::string& v1_file,
             const std::string& v1_value, const std::string& v2_file, const std::string& v2_value) {
    CgroupDirectory& place = directory(controller, limit);
    const bool v2 = place.is_unified();
    const std::string& file = v2 ? v2_file : v1_file;
    if (file.empty()) {
      throw Error(Errc::unavailable,
                  fmt::format("{} can't be limited: cgroup {} has no such setting for controller '{}'", limit,
                              v2 ? "v2" : "v1", controller));
    }
    place.writes.push_back({file, v2 ? v2_value : v1_value});
  }

  CgroupPlan take() && { return std::move(plan_); }

 private:
  CgroupDirectory& find_or_add(const std::string& controller, const std::string& mount) {
    for (auto& item : plan_.directories) {
      if (item.controller == controller) return item;
    }
    plan_.directories.push_back({controller, mount, mount + path_, {}, {}});
    return plan_.directories.back();
  }

  const CgroupLayout& layout_;
  std::string path_;
  CgroupPlan plan_;
};

std::string limit_text(std::int64_t value) { return value < 0 ? "max" : std::to_string(value); }

void plan_memory(const Resources& r, Planner& out) {
  if (r.memory_limit && *r.memory_limit != 0) {
    out.write("memory", "memory", "memory.limit_in_bytes", std::to_string(*r.memory_limit), "memory.max",
              limit_text(*r.memory_limit));
  }
  if (r.memory_swap && *r.memory_swap != 0) {
    out.write("memory", "swap", "memory.memsw.limit_in_bytes", std::to_string(*r.memory_swap), "memory.swap.max",
              limit_text(swap_alone(r)));
  }
  if (r.memory_reservation && *r.memory_reservation != 0) {
    out.write("memory", "memory reservation", "memory.soft_limit_in_bytes", std::to_string(*r.memory_reservation),
              "memory.low", limit_text(*r.memory_reservation));
  }
  if (r.memory_swappiness) {
    out.write("memory", "swappiness", "memory.swappiness", std::to_string(*r.memory_swappiness), "", "");
  }
  if (r.disable_oom_killer && *r.disable_oom_killer)
    out.write("memory", "the OOM killer", "memory.oom_control", "1", "", "");
}

void plan_cpu(const Resources& r, Planner& out) {
  if (r.cpu_shares && *r.cpu_shares != 0) {
    out.write("cpu", "CPU shares", "cpu.shares", std::to_string(*r.cpu_shares), "cpu.weight",
              std::to_string(cpu_weight(*r.cpu_shares)));
  }
  const bool has_quota = r.cpu_quota && *r.cpu_quota != 0;
  const bool has_period = r.cpu_period && *r.cpu_period != 0;
  if (!has_quota && !has_period) {
    // nothing to limit
  } else if (out.is_v2("cpu")) {
    out.write("cpu", "CPU time", "", "", "cpu.max",
              fmt::format("{} {}", has_quota ? limit_text(*r.cpu_quota) : "max", has_period ? *r.cpu_period : 100'000));
  } else {
    if (has_period) out.write("cpu", "CPU time", "cpu.cfs_period_us", std::to_string(*r.cpu_period), "", "");
    if (has_quota) out.write("cpu", "CPU time", "cpu.cfs_quota_us", std::to_string(*r.cpu_quota), "", "");
  }
  if (!r.cpu_cpus.empty()) out.write("cpuset", "the set of CPUs", "cpuset.cpus", r.cpu_cpus, "cpuset.cpus", r.cpu_cpus);
  if (!r.cpu_mems.empty())
    out.write("cpuset", "the set of memory nodes", "cpuset.mems", r.cpu_mems, "cpuset.mems", r.cpu_mems);
}

void plan_block(const Resources& r, Planner& out) {
  const char* const controller = out.is_v2("io") ? "io" : "blkio";
  if (r.block_weight && *r.block_weight != 0) {
    out.write(controller, "block I/O weight", "blkio.weight", std::to_string(*r.block_weight), "io.weight",
              std::to_string(io_weight(*r.block_weight)));
  }
  for (const DeviceWeight& item : r.device_weights) {
    const std::string device = fmt::format("{}:{} ", item.major, item.minor);
    out.write(controller, "block I/O weight", "blkio.weight_device", device + std::to_string(item.weight), "io.weight",
              device + std::to_string(io_weight(item.weight)));
  }
}

void plan_throttles(const std::vector<BlockThrottle>& throttles, const char* v1_file, const char* v2_key,
                    Planner& out) {
  const char* const controller = out.is_v2("io") ? "io" : "blkio";
  for (const BlockThrottle& item : throttles) {
    out.write(controller, "block I/O", fmt::format("blkio.throttle.{}", v1_file),
              fmt::format("{}:{} {}", item.major, item.minor, item.rate), "io.max",
              fmt::format("{}:{} {}={}", item.major, item.minor, v2_key, item.rate));
  }
}

std::string number_or_any(const std::optional<unsigned>& number) { return number ? std::to_string(*number) : "*"; }

void plan_devices(const CgroupLayout& layout, const Resources& r, Planner& out) {
  if (!layout.v1.contains("devices") || r.devices.empty()) return;
  for (const DeviceRule& rule : r.devices) {
    const bool everything = rule.type == 'a';
    out.write("devices", "devices", rule.allow ? "devices.allow" : "devices.deny",
              everything ? "a"
                         : fmt::format("{} {}:{} {}", rule.type, number_or_any(rule.major), number_or_any(rule.minor),
                                       rule.access),
              "", "");
  }
  // The nodes that every container has stay usable whatever the rules say.
  for (const char* node : {"c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm", "c 1:8 rwm", "c 1:9 rwm", "c 5:0 rwm", "c 5:1 rwm",
                           "c 5:2 rwm", "c 136:* rwm"}) {
    out.write("devices", "devices", "devices.allow", node, "", "");
  }
}

void require_at_least(std::int64_t value, std::int64_t minimum, const char* what) {
  if (value > 0 && value < minimum) {
    throw Error(Errc::invalid_input, fmt::format("{} of {} is below the minimum of {}", what, value, minimum));
  }
}

}  // namespace

// As the kernel's documentation has it.
std::uint64_t cpu_weight(std::uint64_t shares) noexcept {
  return 1 + (std::clamp<std::uint64_t>(shares, 2, 262144) - 2) * 9999 / 262142;
}

std::uint64_t io_weight(unsigned weight) noexcept { return 1 + (std::clamp(weight, 10U, 1000U) - 10) * 9999 / 990; }

std::int64_t swap_alone(const Resources& r) noexcept {
  const std::int64_t both = r.memory_swap.value_or(-1);
  return both >= 0 && r.memory_limit.value_or(0) > 0 ? both - *r.memory_limit : both;
}

bool has_limits(const Resources& r) noexcept {
  return r.memory_limit || r.memory_reservation || r.memory_swap || r.memory_swappiness || r.disable_oom_killer ||
         r.cpu_quota || r.cpu_period || r.cpu_shares || !r.cpu_cpus.empty() || !r.cpu_mems.empty() || r.pids_limit ||
         r.block_weight || !r.device_weights.empty() || !r.read_bps.empty() || !r.write_bps.empty() ||
         !r.read_iops.empty() || !r.write_iops.empty() || !r.hugepages.empty() || !r.unified.empty();
}

std::string cgroup_path(const std::string& wanted, const std::string& id) {
  if (wanted.empty()) return "/vmtool/" + id;
  const auto parts = util::split(wanted, ':');
  if (parts.size() == 3 && wanted.front() != '/') {
    const UnitName name = unit_name(wanted, id, "system.slice");
    return slice_path(name.slice) + "/" + name.unit;
  }
  std::string path = wanted.front() == '/' ? "" : "/vmtool";
  for (const std::string& part : util::split(wanted, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..")
      throw Error(Errc::invalid_input, fmt::format("the cgroup path '{}' has '..' in it", util::printable(wanted)));
    path += "/" + part;
  }
  if (path.empty()) throw Error(Errc::invalid_input, "the root of the hierarchy can't be a container's cgroup");
  return path;
}

void check_resources(const Resources& r) {
  require_at_least(r.memory_limit.value_or(0), 512 << 10, "a memory limit");
  require_at_least(r.cpu_quota.value_or(0), 1000, "a CPU quota in microseconds");
  require_at_least(static_cast<std::int64_t>(r.cpu_period.value_or(0)), 1000, "a CPU period in microseconds");
  if (r.cpu_period.value_or(0) > 1'000'000)
    throw Error(Errc::invalid_input, "a CPU period is longer than 1000000 microseconds");
  if (r.memory_swappiness.value_or(0) > 100) throw Error(Errc::invalid_input, "the swappiness is above 100");
  if (r.memory_limit.value_or(0) > 0 && r.memory_swap.value_or(0) > 0 && *r.memory_swap < *r.memory_limit) {
    throw Error(Errc::invalid_input, "the limit of memory and swap is below that of memory");
  }
  const auto is_weight = [](unsigned weight) { return weight >= 10 && weight <= 1000; };
  const bool weights_fit = (r.block_weight.value_or(0) == 0 || is_weight(*r.block_weight)) &&
                           std::all_of(r.device_weights.begin(), r.device_weights.end(),
                                       [&](const DeviceWeight& item) { return is_weight(item.weight); });
  if (!weights_fit) throw Error(Errc::invalid_input, "a block I/O weight is not between 10 and 1000");
}

CgroupPlan plan_cgroup(const CgroupLayout& layout, const std::string& path, const Resources& resources) {
  check_resources(resources);
  Planner out(layout, path);
  if (!layout.unified.empty()) out.unified();
  // What is used is counted also where it is not limited.
  for (const char* controller : {"memory", "pids"}) {
    if (layout.v1.contains(controller)) out.directory(controller, controller);
  }
  plan_memory(resources, out);
  plan_cpu(resources, out);
  plan_block(resources, out);
  plan_throttles(resources.read_bps, "read_bps_device", "rbps", out);
  plan_throttles(resources.write_bps, "write_bps_device", "wbps", out);
  plan_throttles(resources.read_iops, "read_iops_device", "riops", out);
  plan_throttles(resources.write_iops, "write_iops_device", "wiops", out);
  if (resources.pids_limit && *resources.pids_limit != 0) {
    const std::string text = limit_text(*resources.pids_limit);
    out.write("pids", "the number of processes", "pids.max", text, "pids.max", text);
  }
  for (const auto& [size, bytes] : resources.hugepages) {
    out.write("hugetlb", "huge pages", fmt::format("hugetlb.{}.limit_in_bytes", size), std::to_string(bytes),
              fmt::format("hugetlb.{}.max", size), std::to_string(bytes));
  }
  for (const auto& [file, value] : resources.unified) {
    const std::string controller = file.substr(0, file.find('.'));
    if (file.find('/') != std::string::npos || controller.empty()) {
      throw Error(Errc::invalid_input, fmt::format("'{}' is no file of a cgroup", util::printable(file)));
    }
    if (controller != "cgroup" && !out.is_v2(controller)) {
      throw Error(Errc::unavailable,
                  fmt::format("'{}' can't be set: cgroup controller '{}' is not in the v2 tree", file, controller));
    }
    CgroupDirectory& place = controller == "cgroup" ? out.unified() : out.directory(controller, file);
    place.writes.push_back({file, value});
  }
  plan_devices(layout, resources, out);
  CgroupPlan plan = std::move(out).take();
  if (!layout.v1.contains("devices")) plan.devices = resources.devices;
  return plan;
}

}  // namespace vmtool::isolation
