#pragma once
// The part of a plan that concerns one machine.

#include <map>
#include <string>
#include <vector>

#include "ops/plan.hpp"
#include "ops/plan_networks.hpp"
#include "ops/plan_volumes.hpp"

namespace vmtool::ops {

/// What machines must not share, with who has it: filled from the host, then by each machine that is planned.
struct Claims {
  std::map<util::Uuid, std::string> uuids;
  std::map<model::MacAddress, std::string> macs;
  std::map<std::string, std::string> paths;  ///< writable disks
};
Claims claims_of(const Observed& observed);

/// A machine of the manifest on its way into a plan.
struct PlannedMachine {
  model::VirtualMachine wanted;              ///< complete: nothing automatic is left in it
  const ObservedDomain* existing = nullptr;  ///< null: new
  std::vector<Step> disk_steps;              ///< volumes to make
  std::vector<Step> late_steps;              ///< what can't be undone: growing
  std::vector<Change> disk_changes;
  std::vector<std::string> notes;
  std::vector<WantedReservation> reservations;
};

/// Completes a machine and plans its disks. Throws as make_plan() does.
PlannedMachine plan_machine(const model::VirtualMachine& document, const Observed& observed, const PlanOptions& options,
                            VolumeSpace& space, Claims& claims);

/// The machine's action, once it is known which reservations are still to be made.
Action machine_action(PlannedMachine machine, const std::vector<WantedReservation>& live);

}  // namespace vmtool::ops
