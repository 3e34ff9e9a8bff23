#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>

#include <fmt/format.h>

#include "model/check.hpp"
#include "model/derive.hpp"
#include "ops/clone_addresses.hpp"
#include "ops/clone_plan.hpp"
#include "ops/execute_storage.hpp"
#include "ops/observe.hpp"
#include "util/error.hpp"
#include "util/parallel.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

/// What the machines of the host claim.
struct TakenNames {
  std::set<std::string> macs;
  std::set<std::string> uuids;
  std::set<unsigned> ports;
};

TakenNames claims_of(const virt::Connection& connection) {
  const std::vector<virt::Domain> domains = connection.domains();
  TakenNames claims;
  std::mutex mutex;
  util::parallel_for(domains.size(), virt::rpc_threads, [&](std::size_t i) {
    const std::string xml = domains[i].xml(virt::Flavor::inactive);
    const xml::CloneSource facts = xml::read_clone_source(xml);
    const std::vector<unsigned> ports = xml::claimed_ports(xml);
    const std::lock_guard lock(mutex);
    claims.uuids.insert(facts.uuid);
    claims.ports.insert(ports.begin(), ports.end());
    for (const xml::SourceInterface& interface : facts.interfaces) claims.macs.insert(interface.mac);
  });
  return claims;
}

void check_name(const virt::Connection& connection, const std::string& name) {
  if (const auto fault = model::fault_of_name(name))
    throw Error(Errc::invalid_input, fmt::format("'{}' is no name for a machine: {}", util::printable(name), *fault));
  if (connection.find_domain(name))
    throw Error(Errc::conflict, fmt::format("there is a machine '{}' already", name))
        .hint("choose another name, or delete that machine");
}

void check_free(const virt::Connection& connection, const std::string& path) {
  struct stat facts {};
  if (connection.is_local() && ::lstat(path.c_str(), &facts) == 0)
    throw Error(Errc::conflict, fmt::format("'{}' exists already", path))
        .hint("choose another name, or remove the file");
}

// RFC 1123 has fewer characters than a machine's name may have.
std::string hostname_for(std::string name) {
  for (char& c : name) {
    if (c == '_' || c == '+') c = '-';
  }
  while (!name.empty() && (name.back() == '-' || name.back() == '.')) name.pop_back();
  return name;
}

std::string nvram_for(const std::string& old, const std::string& name) {
  const std::size_t slash = old.rfind('/');
  const std::size_t dot = old.rfind('.');
  const std::string extension = dot != old.npos && dot > slash ? old.substr(dot) : ".fd";
  return fmt::format("{}/{}_VARS{}", old.substr(0, slash), name, extension);
}

util::Uuid new_uuid(const util::Uuid& host, const std::string& name, TakenNames& claims) {
  util::Uuid uuid = model::derive_uuid(host, "VirtualMachine", name);
  while (!claims.uuids.insert(util::to_text(uuid)).second) uuid = util::random_uuid();
  return uuid;
}

std::string new_mac(const util::Uuid& host, const std::string& name, const std::string& interface, TakenNames& claims) {
  for (unsigned attempt = 0;; ++attempt) {
    const std::string mac = model::to_text(model::derive_mac(host, "VirtualMachine", name, interface, attempt));
    if (claims.macs.insert(mac).second) return mac;
  }
}

std::string seed_name(const TargetPlan& target, const DiskPlan& disk) {
  const std::string name = fmt::format("{}-seed.iso", target.name);
  const auto is_taken = [&](const auto& entry) { return entry.second == fmt::format("{}/{}", disk.folder, name); };
  const bool has_one = std::any_of(target.disk_paths.begin(), target.disk_paths.end(), is_taken);
  return has_one ? fmt::format("{}-seed-{}.iso", target.name, disk.disk.target) : name;
}

void plan_paths(const virt::Connection& connection, const ClonePlan& plan, TargetPlan& target) {
  for (const DiskPlan& disk : plan.disks) {
    if (disk.way == DiskWay::shared) continue;
    const std::string file = disk.way == DiskWay::seed
                                 ? seed_name(target, disk)
                                 : fmt::format("{}-{}.{}", target.name, disk.disk.name, disk.format);
    const std::string path = fmt::format("{}/{}", disk.folder, file);
    if (!disk.pool.empty() && pool_or_throw(connection, disk.pool).find_volume(file)) {
      throw Error(Errc::conflict, fmt::format("there is a volume '{}' in pool '{}' already", file, disk.pool))
          .hint("choose another name, or delete the volume");
    }
    check_free(connection, path);
    target.disk_paths[disk.disk.target] = path;
  }
  if (plan.source.nvram.empty()) return;
  target.nvram = nvram_for(plan.source.nvram, target.name);
  check_free(connection, target.nvram);
}

}  // namespace

std::vector<TargetPlan> plan_clone_targets(const virt::Connection& connection, ClonePlan& plan) {
  for (const std::string& name : plan.options.names) check_name(connection, name);
  const util::Uuid host = host_uuid(connection);
  TakenNames claims = claims_of(connection);
  if (plan.source.binds_ports) plan.taken_ports = claims.ports;
  std::vector<TargetPlan> targets;
  for (const std::string& name : plan.options.names) {
    TargetPlan& target = targets.emplace_back();
    target.name = name;
    target.uuid = new_uuid(host, name, claims);
    target.instance_id = fmt::format("{}-{}", name, util::to_text(util::random_uuid()).substr(0, 8));
    target.hostname = plan.options.hostname.empty() ? hostname_for(name) : plan.options.hostname;
    for (const xml::SourceInterface& interface : plan.source.interfaces)
      target.macs.push_back(new_mac(host, name, interface.name, claims));
    plan_paths(connection, plan, target);
  }
  plan_clone_addresses(connection, plan, targets);
  return targets;
}

}  // namespace vmtool::ops
