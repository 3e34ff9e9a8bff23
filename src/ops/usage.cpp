#include "ops/usage.hpp"

#include <algorithm>
#include <map>
#include <thread>

#include "bundle/usage.hpp"
#include "ops/container_state.hpp"
#include "ops/engine.hpp"

namespace vmtool::ops {
namespace {

using Clock = std::chrono::steady_clock;

// One look at a guest, and when it was.
struct Look {
  GuestUsage usage;
  std::optional<std::uint64_t> cpu_ns;
  Clock::time_point when;
};

void look_at_containers(const ContainerHome& home, std::map<std::string, Look>& looks) {
  for (const std::string& name : home.names()) {
    if (!is_up(look_at_container(home.paths(name)).state)) continue;
    const util::Result told = run_engine(home, {"events", "--stats", name});
    const auto usage = told.exit_code == 0 ? bundle::read_usage(told.out) : std::nullopt;
    if (!usage) continue;  // it has ended meanwhile
    looks[name] = {{name, "container", {}, usage->memory_bytes, usage->memory_limit, usage->processes},
                   usage->cpu_ns,
                   Clock::now()};
  }
}

void look_at_machines(const virt::Connection& connection, std::map<std::string, Look>& looks) {
  for (const virt::DomainStats& stats : connection.domain_stats(virt::Connection::CpuTime::yes)) {
    if (!virt::is_active(stats.state)) continue;
    looks[stats.name] = {{stats.name, "machine", {}, stats.balloon_kib << 10, stats.maximum_kib << 10, {}},
                         stats.cpu_time_ns,
                         Clock::now()};
  }
}

std::map<std::string, Look> look_at_all(const ContainerHome& home, const virt::Connection* connection) {
  std::map<std::string, Look> looks;
  if (connection != nullptr) look_at_machines(*connection, looks);
  look_at_containers(home, looks);
  return looks;
}

}  // namespace

std::vector<GuestUsage> measure_usage(const ContainerHome& home, const virt::Connection* connection,
                                      std::chrono::milliseconds interval) {
  const auto before = look_at_all(home, connection);
  if (!before.empty()) std::this_thread::sleep_for(interval);
  std::vector<GuestUsage> out;
  for (auto& [name, look] : look_at_all(home, connection)) {
    const auto first = before.find(name);
    if (first != before.end() && look.cpu_ns && first->second.cpu_ns && *look.cpu_ns >= *first->second.cpu_ns) {
      const double passed = std::chrono::duration<double, std::nano>(look.when - first->second.when).count();
      look.usage.cpus = static_cast<double>(*look.cpu_ns - *first->second.cpu_ns) / std::max(passed, 1.0);
    }
    out.push_back(look.usage);
  }
  return out;
}

}  // namespace vmtool::ops
