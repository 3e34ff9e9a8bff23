#include "ops/clone_identity.hpp"

#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "util/error.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

identity::Target target_of(const ClonePlan& plan, std::vector<identity::Disk> disks) {
  identity::Target target;
  target.disks = std::move(disks);
  if (plan.options.identity_way == IdentityWay::offline) target.way = identity::Way::offline;
  if (plan.options.identity_way == IdentityWay::appliance) target.way = identity::Way::appliance;
  return target;
}

std::vector<identity::Disk> source_disks(const ClonePlan& plan) {
  std::vector<identity::Disk> disks;
  for (const DiskPlan& disk : plan.disks) {
    if (is_copied(disk)) disks.push_back({disk.chain});
  }
  return disks;
}

// What the operation asks the identity room, in the user's terms where it can't be done.
template <class F>
auto with_way_out(const F& f) {
  try {
    return f();
  } catch (const Error& error) {
    const bool is_about_means = error.kind() == Errc::not_found || error.kind() == Errc::denied ||
                                error.kind() == Errc::unavailable || error.kind() == Errc::io;
    if (!is_about_means) throw;
    Error better(error.kind(), error.message());
    for (const std::string& step : error.steps()) better.add_step(step);
    throw std::move(better).hint(
        error.hint().empty()
            ? "--identity none leaves the guest as it is: the same machine-id, host keys and name as its source"
            : error.hint() + "; --identity none leaves the guest as it is");
  }
}

// Files that the daemon makes are root's: whether they can be opened here is known before they are there.
bool is_for_the_daemon(const virt::Connection& connection, const ClonePlan& plan) {
  if (!connection.is_local()) return true;
  const bool makes_roots_files = ::geteuid() != 0 && !connection.is_session();
  return std::any_of(plan.disks.begin(), plan.disks.end(), [&](const DiskPlan& disk) {
    return is_copied(disk) && (disk.by_libvirt || (makes_roots_files && (plan.is_live || disk.way == DiskWay::linked)));
  });
}

bool can_be_opened(const std::vector<identity::Disk>& disks) {
  return std::all_of(disks.begin(), disks.end(), [](const identity::Disk& disk) {
    const auto can_read = [](const identity::Image& image) { return ::access(image.path.c_str(), R_OK) == 0; };
    return ::access(disk.chain.front().path.c_str(), W_OK) == 0 &&
           std::all_of(disk.chain.begin(), disk.chain.end(), can_read);
  });
}

ApplianceKit kit_for(const virt::Connection& connection, const ClonePlan& plan) {
  return with_way_out([&] {
    if (plan.options.identity_way == IdentityWay::offline) {
      throw Error(Errc::unavailable,
                  fmt::format("the disks of a clone of '{}' can't be opened here, so that they can't be edited offline",
                              plan.source.name))
          .hint("--identity auto has an appliance do it where the disks are");
    }
    const auto disk = std::find_if(plan.disks.begin(), plan.disks.end(),
                                   [](const DiskPlan& one) { return is_copied(one) && !one.pool.empty(); });
    return prepare_appliance(connection, disk == plan.disks.end() ? std::string() : disk->pool);
  });
}

// Before gigabytes are copied: would the guest be refused? A guest that only the appliance can read is not booted for it.
void check_guest(const ClonePlan& plan) {
  if (plan.options.identity_way == IdentityWay::appliance) return;
  identity::Target target = target_of(plan, source_disks(plan));
  target.way = identity::Way::offline;
  identity::Report found;
  try {
    found = with_way_out([&] { return identity::show(target, identity_options(plan, plan.targets.front())); });
  } catch (const Error& error) {
    const bool may_be_read_otherwise = error.kind() == Errc::not_found || error.kind() == Errc::unavailable;
    if (plan.options.identity_way == IdentityWay::offline || !may_be_read_otherwise) throw;
  }
  for (const identity::Outcome& outcome : found.outcomes) {
    if (outcome.status != identity::Status::not_possible) continue;
    if (outcome.item == "address")
      throw Error(Errc::conflict, outcome.reason)
          .hint("give it another one with '--address', or accept it with '--keep address'");
    if (outcome.item == "machine-id")
      throw Error(Errc::conflict, outcome.reason).hint("'--keep machine-id' leaves it as it is");
  }
}

void verify(const identity::Report& written, const identity::Report& found) {
  const auto has_new_id = [&](const identity::Outcome& outcome) {
    return outcome.item == "machine-id" && outcome.old_value == written.machine_id;
  };
  if (std::any_of(found.outcomes.begin(), found.outcomes.end(), has_new_id)) return;
  throw Error(Errc::internal,
              fmt::format("the machine-id {} was written, and another one is read back", written.machine_id));
}

}  // namespace

std::optional<ApplianceKit> check_guest_of(const virt::Connection& connection, const ClonePlan& plan) {
  if (plan.options.identity_way == IdentityWay::none || std::none_of(plan.disks.begin(), plan.disks.end(), is_copied))
    return std::nullopt;
  if (is_for_the_daemon(connection, plan)) return kit_for(connection, plan);
  const bool is_long =
      std::any_of(plan.disks.begin(), plan.disks.end(), [](const DiskPlan& disk) { return disk.way == DiskWay::copy; });
  // What is on the disks of a running machine is not settled, and a snapshot's content is not what they show.
  const bool shows_itself = !plan.is_live && plan.options.snapshot.empty();
  if (is_long && shows_itself) check_guest(plan);
  return std::nullopt;
}

std::optional<identity::Report> preview_identity(const virt::Connection& connection, const ClonePlan& plan,
                                                 const TargetPlan& target, std::vector<std::string>& warnings) {
  std::vector<identity::Disk> disks = source_disks(plan);
  if (plan.options.identity_way == IdentityWay::none || disks.empty() || plan.is_live || !plan.options.snapshot.empty())
    return std::nullopt;
  if (is_for_the_daemon(connection, plan)) {
    kit_for(connection, plan);
    warnings.emplace_back(
        "the guest was not looked at: its disks can't be opened here, and an appliance will renew it where they are");
    return std::nullopt;
  }
  return with_way_out(
      [&] { return identity::show(target_of(plan, std::move(disks)), identity_options(plan, target)); });
}

CloneIdentity::CloneIdentity(const virt::Connection& connection, const ClonePlan& plan, std::optional<ApplianceKit> kit,
                             const CloneHooks& hooks, Transaction& transaction)
    : connection_(connection), plan_(plan), transaction_(transaction) {
  if (kit) appliance_.emplace(connection, std::move(*kit), transaction, hooks.interrupt, hooks.appliance_limit);
}

std::optional<identity::Report> CloneIdentity::renew(const TargetPlan& target) {
  const std::vector<identity::Disk> disks = identity_disks(plan_, target);
  if (plan_.options.identity_way == IdentityWay::none || disks.empty()) return std::nullopt;
  const identity::Options options = identity_options(plan_, target);
  const identity::Target where = target_of(plan_, disks);
  const bool is_far = appliance_ && (!connection_.is_local() || !can_be_opened(disks));
  identity::Report report = with_way_out([&] {
    return is_far ? appliance_->renew(where, options) : identity::renew({where, options, {}});
  });
  if (!report.machine_id.empty()) {
    identity::Options look;
    look.keep = {"address"};
    verify(report, is_far ? appliance_->show(where, look) : identity::show(where, look));
  }
  transaction_.check_point("after the identity");
  return report;
}

void CloneIdentity::finish() {
  if (appliance_) appliance_->remove_volumes();
}

}  // namespace vmtool::ops
