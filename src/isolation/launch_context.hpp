#pragma once
// What a plan needs to know of this process, the same for a container's first process and for a further one.

#include <string>

#include "isolation/plan.hpp"
#include "isolation/spec.hpp"

namespace vmtool::isolation {

/// Privileges, groups, capabilities and the filter; compiled filters are kept below `state_root`. Throws Error.
PlanContext launch_context(const Spec& spec, const Process& process, const std::string& state_root);

}  // namespace vmtool::isolation
