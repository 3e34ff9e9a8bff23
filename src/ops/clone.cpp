#include "ops/clone.hpp"

#include <algorithm>
#include <mutex>
#include <set>

#include <fmt/format.h>

#include "ops/clone_files.hpp"
#include "ops/clone_identity.hpp"
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
    report.disks.push_back(
        {disk.disk.target, to_text(disk.way), is_shared ? disk.disk.path : target.disk_paths.at(disk.disk.target)});
  }
  return report;
}

class CloneRun {
 public:
  CloneRun(const virt::Connection& connection, const ClonePlan& plan, std::optional<ApplianceKit> kit,
           util::Reporter& reporter, const CloneHooks& hooks, Transaction& transaction)
      : connection_(connection),
        plan_(plan),
        transaction_(transaction),
        files_(connection, plan, reporter, hooks, transaction),
        identity_(connection, plan, std::move(kit), hooks, transaction) {}

  std::vector<CloneReport> run() {
    files_.free_source_disks();
    std::vector<CloneReport> reports(plan_.targets.size());
    std::vector<std::string> definitions(plan_.targets.size());
    util::parallel_for(plan_.targets.size(), clone_threads, [&](std::size_t i) {
      util::during(fmt::format("cloning '{}' as '{}'", plan_.source.name, plan_.targets[i].name),
                   [&] { definitions[i] = make(plan_.targets[i], reports[i]); });
    });
    identity_.finish();
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
    report.identity = identity_.renew(target);
    for (const PlannedReservation& reservation : target.reservations) {
      // Two updates of one network at a time would each write the other's away.
      const std::lock_guard lock(network_mutex_);
      transaction_.step(MadeReservation{reservation.network, reservation.new_host},
                        [&] { add_reservation(connection_, reservation.network, reservation.new_host); });
    }
    return definition.xml;
  }

  // A start in the middle of a copy tears it.
  void check_source() const {
    if (plan_.is_live) return;
    const virt::Domain source = domain_or_throw(connection_, plan_.source.name);
    if (virt::is_active(source.state()))
      throw Error(Errc::conflict, fmt::format("machine '{}' was started while it was cloned", plan_.source.name))
          .hint("stop it and clone again");
  }

  const virt::Connection& connection_;
  const ClonePlan& plan_;
  Transaction& transaction_;
  CloneFiles files_;
  CloneIdentity identity_;
  std::mutex network_mutex_;
};

}  // namespace

std::vector<CloneReport> clone(const virt::Connection& connection, const CloneOptions& options,
                               util::Reporter& reporter, const CloneHooks& hooks) {
  const ClonePlan plan = plan_clone(connection, options);
  std::optional<ApplianceKit> kit = check_guest_of(connection, plan);
  Transaction transaction(connection, reporter, hooks.state_dir, {"clone", subject_of(options), connection.uri()},
                          hooks.observer);
  std::vector<CloneReport> reports = CloneRun(connection, plan, std::move(kit), reporter, hooks, transaction).run();
  transaction.commit();
  return reports;
}

std::vector<CloneReport> preview_clone(const virt::Connection& connection, const CloneOptions& options) {
  const ClonePlan plan = plan_clone(connection, options);
  std::vector<CloneReport> reports;
  for (const TargetPlan& target : plan.targets) {
    CloneReport& report = reports.emplace_back(report_for(plan, target, write_clone(plan, target)));
    report.identity = preview_identity(connection, plan, target, report.warnings);
  }
  return reports;
}

}  // namespace vmtool::ops
