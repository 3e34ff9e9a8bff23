#pragma once
// The facet of a plan that builds the root: mounts, devices, masks.

#include "isolation/plan.hpp"

namespace vmtool::isolation {

/// The mask source, the root, the mounts, what lies below /dev, and the cgroups, which come before the first mount of them.
void plan_root(const Spec& spec, const PlanContext& context, Plan& plan);

/// Masked and read-only paths, the root's own flags.
void plan_protection(const Spec& spec, Plan& plan);

}  // namespace vmtool::isolation
