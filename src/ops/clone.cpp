#include "ops/clone.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <set>

#include <fmt/format.h>

#include "identity/identity.hpp"
#include "ops/clone_files.hpp"
#include "ops/clone_plan.hpp"
#include "ops/observe.hpp"
#include "ops/reservations.hpp"
#include "util/error.hpp"
#include "util/parallel.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

// More than the daemon and two processors' worth of identity workers can use at once gains nothing.
constexpr std::size_t clone_threads = 4;

std::string subject_of(const CloneOptions& options) { return options.names.front(); }

CloneReport report_for(const ClonePlan& plan, const TargetPlan& target, const xml::ClonedDomain& definition) {
  CloneReport report;
  report.name = target.name;
  report.source = plan.source.name;
  report.uuid = util::to_text(target.uuid);
  report.items = definition.items;
  report.warnings = plan.warnings;
  report.warnings.insert(report.warnings.end(), definition.warnings.begin(), definition.warnings.end());
  for (const DiskPlan& disk : plan.disks) {
    const bool is_shared = disk.way == DiskWay::shared;
    report.disks.push_back({disk.disk.target, to_text(disk.way), is_shared ? disk.disk.path : target.disk_paths.at(disk.disk.target)});
  }
  return report;
}

identity::Target target_of(const ClonePlan& plan, std::vector<identity::Disk> disks) {
  identity::Target target;
  target.disks = std::move(disks);
  if (plan.options.identity_way == IdentityWay::offline) target.way = identity::Way::offline;
  if (plan.options.identity_way == IdentityWay::appliance) target.way = identity::Way::appliance;
  return target;
}

// What the operation asks the identity room, in the user's terms where it can't be done.
template <class F>
auto with_way_out(const F& f) {
  try {
    return f();
  } catch (const Error& error) {
    if (error.kind() != Errc::not_found && error.kind() != Errc::denied && error.kind() != Errc::unavailable) throw;
    Error better(error.kind(), error.message());
    for (const std::string& step : error.steps()) better.add_step(step);
    throw std::move(better).hint(error.hint().empty() ? "--identity none leaves the guest as it is: the same machine-id, host keys and name as its source"
                                                      : error.hint() + "; --identity none leaves the guest as it is");
  }
}

void check_reachable(const ClonePlan& plan, const virt::Connection& connection) {
  if (connection.is_local()) return;
  throw Error(Errc::unavailable, fmt::format("the disks of '{}' can't be opened here: the connection is a remote one", plan.source.name))
      .hint("run vmtool on that host, or use --identity none, which leaves the guest as it is");
}

class CloneRun {
 public:
  CloneRun(const virt::Connection& connection, const ClonePlan& plan, util::Reporter& reporter, const CloneHooks& hooks, Transaction& transaction)
      : connection_(connection), plan_(plan), reporter_(reporter), hooks_(hooks), transaction_(transaction), files_(connection, plan, reporter, hooks, transaction) {}

  std::vector<CloneReport> run() {
    files_.free_source_disks();
    std::vector<CloneReport> reports(plan_.targets.size());
    std::vector<std::string> definitions(plan_.targets.size());
    util::parallel_for(plan_.targets.size(), clone_threads, [&](std::size_t i) {
      util::during(fmt::format("cloning '{}' as '{}'", plan_.source.name, plan_.targets[i].name), [&] { definitions[i] = make(plan_.targets[i], reports[i]); });
    });
    check_source();
    std::vector<MadeDomain> goal;
    for (const TargetPlan& target : plan_.targets) goal.push_back({target.name, util::to_text(target.uuid)});
    transaction_.set_goal(goal);
    util::parallel_for(plan_.targets.size(), clone_threads, [&](std::size_t i) {
      transaction_.step(goal[i], [&] { connection_.define_domain(definitions[i], virt::Connection::Validate::yes); });
    });
    files_.tell_libvirt();
    return reports;
  }

 private:
  std::string make(const TargetPlan& target, CloneReport& report) {
    files_.make(target);
    const xml::ClonedDomain definition = write_clone(plan_, target);
    report = report_for(plan_, target, definition);
    renew_identity(target, report);
    for (const PlannedReservation& reservation : target.reservations) {
      // Two updates of one network at a time would each write the other's away.
      const std::lock_guard lock(network_mutex_);
      transaction_.step(MadeReservation{reservation.network, reservation.new_host}, [&] { add_reservation(connection_, reservation.network, reservation.new_host); });
    }
    return definition.xml;
  }

  void renew_identity(const TargetPlan& target, CloneReport& report) {
    const std::vector<identity::Disk> disks = identity_disks(plan_, target);
    if (plan_.options.identity_way == IdentityWay::none || disks.empty()) return;
    transaction_.check_point("before the identity");
    const identity::Options options = identity_options(plan_, target);
    report.identity = with_way_out([&] { return identity::renew({target_of(plan_, disks), options, {}}); });
    verify(target_of(plan_, disks), *report.identity);
    transaction_.check_point("after the identity");
  }

  // Read once more from the file itself, by a process of its own.
  static void verify(const identity::Target& target, const identity::Report& written) {
    if (written.machine_id.empty()) return;
    identity::Options look;
    look.keep = {"address"};
    const identity::Report found = identity::show(target, look);
    const auto has_new_id = [&](const identity::Outcome& outcome) { return outcome.item == "machine-id" && outcome.old_value == written.machine_id; };
    if (std::none_of(found.outcomes.begin(), found.outcomes.end(), has_new_id)) {
      throw Error(Errc::internal, fmt::format("the machine-id {} was written, and another one is read back", written.machine_id));
    }
  }

  // A start in the middle of a copy tears it.
  void check_source() const {
    if (plan_.is_live) return;
    const virt::Domain source = domain_or_throw(connection_, plan_.source.name);
    if (virt::is_active(source.state())) throw Error(Errc::conflict, fmt::format("machine '{}' was started while it was cloned", plan_.source.name)).hint("stop it and clone again");
  }

  const virt::Connection& connection_;
  const ClonePlan& plan_;
  util::Reporter& reporter_;
  const CloneHooks& hooks_;
  Transaction& transaction_;
  CloneFiles files_;
  std::mutex network_mutex_;
};

// Before gigabytes are copied: would the guest be refused? A guest that only the appliance can read is not booted for it.
void check_guest(const ClonePlan& plan) {
  std::vector<identity::Disk> disks;
  for (const DiskPlan& disk : plan.disks) {
    if (is_copied(disk)) disks.push_back({disk.chain});
  }
  if (plan.options.identity_way == IdentityWay::appliance) return;
  identity::Target target = target_of(plan, std::move(disks));
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
    if (outcome.item == "address") throw Error(Errc::conflict, outcome.reason).hint("give it another one with '--address', or accept it with '--keep address'");
    if (outcome.item == "machine-id") throw Error(Errc::conflict, outcome.reason).hint("'--keep machine-id' leaves it as it is");
  }
}

}  // namespace

std::vector<CloneReport> clone(const virt::Connection& connection, const CloneOptions& options, util::Reporter& reporter, const CloneHooks& hooks) {
  const ClonePlan plan = plan_clone(connection, options);
  const bool has_disks = std::any_of(plan.disks.begin(), plan.disks.end(), is_copied);
  if (options.identity_way != IdentityWay::none && has_disks) {
    check_reachable(plan, connection);
    const bool is_long = std::any_of(plan.disks.begin(), plan.disks.end(), [](const DiskPlan& disk) { return disk.way == DiskWay::copy; });
    // What is on the disks of a running machine is not settled, and a snapshot's content is not what they show.
    const bool shows_itself = !plan.is_live && options.snapshot.empty();
    if (is_long && shows_itself) check_guest(plan);
  }
  Transaction transaction(connection, reporter, hooks.state_dir, {"clone", subject_of(options), connection.uri()}, hooks.observer);
  std::vector<CloneReport> reports = CloneRun(connection, plan, reporter, hooks, transaction).run();
  transaction.commit();
  return reports;
}

std::vector<CloneReport> preview_clone(const virt::Connection& connection, const CloneOptions& options) {
  const ClonePlan plan = plan_clone(connection, options);
  std::vector<CloneReport> reports;
  for (const TargetPlan& target : plan.targets) {
    CloneReport& report = reports.emplace_back(report_for(plan, target, write_clone(plan, target)));
    std::vector<identity::Disk> disks;
    for (const DiskPlan& disk : plan.disks) {
      if (is_copied(disk)) disks.push_back({disk.chain});
    }
    if (options.identity_way == IdentityWay::none || disks.empty() || plan.is_live || !options.snapshot.empty()) continue;
    check_reachable(plan, connection);
    report.identity = with_way_out([&] { return identity::show(target_of(plan, disks), identity_options(plan, target)); });
  }
  return reports;
}

}  // namespace vmtool::ops
