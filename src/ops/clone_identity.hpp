#pragma once
// The identity inside of clones: here, or where this process can't open the disks, by an appliance that the daemon runs.

#include <optional>

#include "ops/clone_plan.hpp"
#include "ops/daemon_appliance.hpp"
#include "ops/transaction.hpp"

namespace vmtool::ops {

/// What has to be known of the guest before gigabytes are copied: it can be renewed, and how. Present: the disks will have to be opened by the
/// daemon. Throws as clone() where the guest would be refused.
std::optional<ApplianceKit> check_guest_of(const virt::Connection& connection, const ClonePlan& plan);

/// What would be renewed inside, by a look at the source's disks. Absent with a warning where they can't be opened here.
std::optional<identity::Report> preview_identity(const virt::Connection& connection, const ClonePlan& plan,
                                                 const TargetPlan& target, std::vector<std::string>& warnings);

class CloneIdentity {
 public:
  CloneIdentity(const virt::Connection& connection, const ClonePlan& plan, std::optional<ApplianceKit> kit,
                const CloneHooks& hooks, Transaction& transaction);

  /// Renews the identity on the clone's own disks, and reads it back by another process or machine. Absent: not wanted, or nothing was copied.
  /// May be called from several threads at once, each with a target of its own.
  std::optional<identity::Report> renew(const TargetPlan& target);
  /// To be called when all are renewed.
  void finish();

 private:
  const virt::Connection& connection_;
  const ClonePlan& plan_;
  Transaction& transaction_;
  std::optional<DaemonAppliance> appliance_;
};

}  // namespace vmtool::ops
