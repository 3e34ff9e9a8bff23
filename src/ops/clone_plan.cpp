#include "ops/clone_plan.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>

#include <fmt/format.h>

#include "ops/identity_reset.hpp"
#include "ops/observe.hpp"
#include "ops/pool_table.hpp"
#include "util/error.hpp"
#include "util/random.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

// What was in memory when it was saved belongs to the disks as they are: copied apart, both are torn.
bool check_state(const virt::Domain& domain, const CloneOptions& options) {
  const virt::DomainState state = domain.state();
  if (virt::is_active(state)) {
    if (options.live && options.snapshot.empty()) return true;
    throw Error(Errc::conflict, fmt::format("machine '{}' is {}", domain.name(), virt::to_text(state)))
        .hint(fmt::format("stop it first: vmtool stop {}{}", domain.name(),
                          options.snapshot.empty() ? "; --live clones it as it runs" : ""));
  }
  if (domain.has_managed_save()) {
    throw Error(Errc::conflict,
                fmt::format("machine '{}' has a saved state, without which its disks are not whole", domain.name()))
        .hint(fmt::format("start and stop it, or drop the state: virsh managedsave-remove {}", domain.name()));
  }
  return false;
}

void check_way(const virt::Domain& domain, const CloneOptions& options) {
  const bool copies = options.mode == CloneMode::automatic || options.mode == CloneMode::full;
  if ((options.live || !options.snapshot.empty()) && !copies)
    throw Error(
        Errc::usage,
        fmt::format("clones of a running machine or of a snapshot are full copies: they can't be made by --mode {}",
                    to_text(options.mode)));
  if (options.snapshot.empty()) return;
  const std::vector<std::string> known = domain.snapshots();
  if (std::find(known.begin(), known.end(), options.snapshot) != known.end()) return;
  const auto near = util::nearest(options.snapshot, known);
  throw Error(Errc::not_found,
              fmt::format("machine '{}' has no snapshot '{}'", domain.name(), util::printable(options.snapshot)))
      .hint(near ? fmt::format("did you mean '{}'?", *near) : "virsh snapshot-list shows them");
}

// A definition that was changed since the start does not tell what the machine runs on.
void check_disks_as_they_run(const virt::Domain& domain, const std::vector<DiskPlan>& disks) {
  const xml::CloneSource running = xml::read_clone_source(domain.xml(virt::Flavor::current));
  for (const DiskPlan& plan : disks) {
    if (!is_copied(plan)) continue;
    const auto same = [&](const xml::SourceDisk& disk) {
      return disk.target == plan.disk.target && (disk.path == plan.disk.path || disk.type == "volume");
    };
    if (std::any_of(running.disks.begin(), running.disks.end(), same)) continue;
    throw Error(Errc::conflict,
                fmt::format("disk '{}' of '{}' is not what its definition says: it was changed while it runs",
                            plan.disk.target, domain.name()))
        .hint("restart it, or clone it when it is shut off");
  }
}

// What nobody has started yet has no file. Only this process copies it: the daemon has no call for that.
void plan_nvram(const virt::Connection& connection, ClonePlan& plan) {
  const std::string& path = plan.source.nvram;
  if (path.empty() || (connection.is_local() && ::access(path.c_str(), F_OK) != 0 && errno == ENOENT)) return;
  plan.copies_nvram =
      connection.is_local() && ::access(path.c_str(), R_OK) == 0 && ::access(folder_of(path).c_str(), W_OK) == 0;
  if (!plan.copies_nvram)
    plan.warnings.push_back(
        fmt::format("'{}' can't be copied from here: the clone starts with fresh firmware variables", path));
}

void check_snapshots(const virt::Domain& domain, const std::vector<DiskPlan>& disks) {
  const bool moves =
      std::any_of(disks.begin(), disks.end(), [](const DiskPlan& disk) { return !disk.source_overlay.empty(); });
  if (!moves || domain.snapshots().empty()) return;
  throw Error(
      Errc::conflict,
      fmt::format("machine '{}' has snapshots, which can't be reverted to once linked clones stand on its disks",
                  domain.name()))
      .hint("use --mode full, or make a template of a full clone");
}

void check_identity(const CloneOptions& options) {
  identity::Options inside;
  inside.machine_id = options.machine_id;
  inside.hostname = options.hostname;
  inside.keep = options.keep;
  inside.only = options.only;
  inside.clean = options.clean;
  if (options.machine_id == "uuid") inside.uuid = util::to_text(util::random_uuid());
  identity::check(inside);
  const bool is_hex = options.machine_id.size() == 32;
  if (is_hex && options.names.size() > 1) throw Error(Errc::usage, "one machine-id can't be that of several clones");
}

}  // namespace

const char* to_text(CloneMode mode) noexcept {
  switch (mode) {
    case CloneMode::automatic: return "auto";
    case CloneMode::full: return "full";
    case CloneMode::linked: return "linked";
    case CloneMode::reflink: return "reflink";
  }
  return "";
}

const char* to_text(DiskWay way) noexcept {
  switch (way) {
    case DiskWay::shared: return "shared";
    case DiskWay::linked: return "linked";
    case DiskWay::reflink: return "reflink";
    case DiskWay::copy: return "full";
    case DiskWay::seed: return "seed";
  }
  return "";
}

bool is_copied(const DiskPlan& disk) noexcept { return disk.way != DiskWay::shared && disk.way != DiskWay::seed; }

ClonePlan plan_clone(const virt::Connection& connection, const CloneOptions& options) {
  ClonePlan plan;
  plan.options = options;
  if (options.identity_way != IdentityWay::none) check_identity(options);
  const virt::Domain domain = domain_or_throw(connection, options.source);
  check_way(domain, options);
  plan.is_live = check_state(domain, options);
  if (connection.is_local()) check_no_interrupted_reset(options.source);
  plan.source_xml = domain.xml(virt::Flavor::inactive);
  plan.source = xml::read_clone_source(plan.source_xml);
  plan.disks = plan_clone_disks(connection, plan.source, options, plan.is_live);
  if (plan.is_live) check_disks_as_they_run(domain, plan.disks);
  if (!options.snapshot.empty())
    plan.warnings.push_back(
        fmt::format("the disks are those of snapshot '{}', the definition is that of now", options.snapshot));
  check_snapshots(domain, plan.disks);
  plan_nvram(connection, plan);
  plan.targets = plan_clone_targets(connection, plan);
  return plan;
}

xml::ClonedDomain write_clone(const ClonePlan& plan, const TargetPlan& target) {
  xml::CloneValues values;
  values.name = target.name;
  values.uuid = target.uuid;
  values.macs = target.macs;
  values.nvram = target.nvram;
  values.taken_ports = plan.taken_ports;
  values.random = util::fill_random;
  values.mark.source = plan.source.name;
  values.mark.source_uuid = plan.source.uuid;
  for (const DiskPlan& disk : plan.disks) {
    if (disk.way == DiskWay::shared) continue;
    const std::string& path = target.disk_paths.at(disk.disk.target);
    values.disks[disk.disk.target] = {path, path.substr(path.rfind('/') + 1), disk.format,
                                      disk.way == DiskWay::linked || disk.flatten};
    values.mark.disks.emplace_back(disk.disk.target, path);
    if (is_copied(disk)) values.mark.mode = to_text(disk.way);
  }
  for (const PlannedReservation& reservation : target.reservations) {
    if (reservation.old_host)
      values.addresses[model::to_text(reservation.old_host->address)] = model::to_text(reservation.new_host.address);
  }
  xml::ClonedDomain clone = xml::clone_domain(plan.source_xml, values);
  for (const DiskPlan& disk : plan.disks) {
    if (disk.way != DiskWay::seed) continue;
    clone.items.push_back({.item = "instance-id", .place = disk.disk.target, .new_value = target.instance_id});
    clone.warnings.push_back(
        "cloud-init takes the clone for a new instance: by default it makes the SSH host keys once more at the first "
        "start");
  }
  if (plan.source.has_emulated_tpm) {
    const bool copied = plan.options.copy_tpm;
    clone.items.push_back({.item = "tpm",
                           .status = copied ? xml::CloneStatus::kept : xml::CloneStatus::renewed,
                           .old_value = plan.source.uuid,
                           .new_value = copied ? "a copy" : "a fresh one",
                           .reason = copied ? "its keys are the source's" : ""});
  }
  for (const PlannedReservation& reservation : target.reservations) {
    clone.items.push_back({.item = "reservation",
                           .place = reservation.network,
                           .old_value = reservation.old_host ? model::to_text(reservation.old_host->address) : "",
                           .new_value = model::to_text(reservation.new_host.address)});
  }
  return clone;
}

std::vector<identity::Disk> identity_disks(const ClonePlan& plan, const TargetPlan& target) {
  std::vector<identity::Disk> disks;
  for (const DiskPlan& disk : plan.disks) {
    if (!is_copied(disk)) continue;
    identity::Disk own{{{target.disk_paths.at(disk.disk.target), disk.format}}};
    const auto& below = disk.way == DiskWay::linked ? disk.base : disk.chain;
    const std::ptrdiff_t skipped = disk.way == DiskWay::linked ? 0 : 1;
    if (!disk.flatten) own.chain.insert(own.chain.end(), below.begin() + skipped, below.end());
    disks.push_back(std::move(own));
  }
  return disks;
}

identity::Options identity_options(const ClonePlan& plan, const TargetPlan& target) {
  identity::Options options;
  options.machine_id = plan.options.machine_id;
  options.uuid = util::to_text(target.uuid);
  options.hostname = target.hostname;
  options.addresses = target.address_changes;
  options.keep = plan.options.keep;
  options.only = plan.options.only;
  options.clean = plan.options.clean;
  for (std::size_t i = 0; i < target.macs.size(); ++i) {
    if (!plan.source.interfaces[i].mac.empty()) options.macs.push_back({plan.source.interfaces[i].mac, target.macs[i]});
  }
  return options;
}

}  // namespace vmtool::ops
