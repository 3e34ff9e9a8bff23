#include "ops/volume_users.hpp"

#include <algorithm>
#include <mutex>
#include <optional>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/parallel.hpp"
#include "util/text.hpp"
#include "xml/domain.hpp"
#include "xml/storage.hpp"

namespace vmtool::ops {
namespace {

// Another program may remove it while we look.
std::optional<xml::VolumeFacts> facts_of(const virt::Volume& volume) {
  try {
    return xml::read_volume(volume.xml());
  } catch (const util::Error&) {
    return std::nullopt;
  }
}

}  // namespace

std::vector<std::string> overlays_of(const virt::Connection& connection, const std::string& path) {
  std::vector<std::string> users;
  for (const virt::Pool& pool : connection.pools()) {
    if (!pool.is_active()) continue;
    for (const virt::Volume& volume : pool.volumes()) {
      if (xml::read_volume(volume.xml()).backing_path == path)
        users.push_back(fmt::format("'{}' in pool '{}'", volume.name(), pool.name()));
    }
  }
  return users;
}

std::vector<Overlay> overlays_on(const virt::Connection& connection, const std::set<std::string>& paths) {
  std::vector<Overlay> overlays;
  std::mutex mutex;
  for (const virt::Pool& pool : connection.pools()) {
    if (!pool.is_active()) continue;
    const std::vector<virt::Volume> volumes = pool.volumes();
    util::parallel_for(volumes.size(), virt::rpc_threads, [&](std::size_t i) {
      const auto facts = facts_of(volumes[i]);
      if (!facts || !paths.contains(facts->backing_path)) return;
      const std::lock_guard lock(mutex);
      overlays.push_back({facts->backing_path, facts->path, volumes[i].name(), pool.name(), {}});
    });
  }
  for (Overlay& overlay : overlays) overlay.machines = machines_with_disk(connection, overlay.path);
  std::sort(overlays.begin(), overlays.end(), [](const Overlay& a, const Overlay& b) { return a.path < b.path; });
  return overlays;
}

void check_not_a_base(const virt::Connection& connection, const std::set<std::string>& paths,
                      const std::string& doing) {
  const std::vector<Overlay> overlays = overlays_on(connection, paths);
  if (overlays.empty()) return;
  std::vector<std::string> users;
  for (const Overlay& overlay : overlays) {
    const std::string machines =
        overlay.machines.empty() ? "" : fmt::format(" (machine {})", util::quoted_list(overlay.machines));
    users.push_back(fmt::format("'{}'{}", overlay.name, machines));
  }
  throw util::Error(util::Errc::conflict, fmt::format("{}: its disk '{}' is the backing file of {}", doing,
                                                      overlays.front().backing_path, util::join(users, ", ")))
      .hint("what stands on it is lost without it, and damaged where it changes: delete those first");
}

std::vector<std::string> machines_with_disk(const virt::Connection& connection, const std::string& path) {
  std::vector<std::string> users;
  for (const virt::Domain& domain : connection.domains()) {
    const model::VirtualMachine machine = xml::read_domain(domain.xml(virt::Flavor::inactive));
    const bool has = std::any_of(machine.disks.begin(), machine.disks.end(),
                                 [&](const model::Disk& disk) { return disk.path == path; });
    if (has) users.push_back(domain.name());
  }
  return users;
}

}  // namespace vmtool::ops
