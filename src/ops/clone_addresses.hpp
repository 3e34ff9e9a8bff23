#pragma once
// The fixed addresses of clones: one for each that the source has.

#include <vector>

#include "ops/clone_plan.hpp"

namespace vmtool::ops {

/// Gives every target its reservations and its changes inside the guest. Throws Error{conflict} where an address is taken or
/// none is free.
void plan_clone_addresses(const virt::Connection& connection, const ClonePlan& plan, std::vector<TargetPlan>& targets);

}  // namespace vmtool::ops
