#pragma once
// What the launcher makes ready before the clone, for a child that could not: detached mounts and open files.

#include <vector>

#include "isolation/plan.hpp"
#include "util/fd.hpp"

namespace vmtool::isolation {

/// Makes the mounts that a child in a user namespace could not reach (host directories it may not enter) or may not make
/// (idmapped ones), and notes them in the steps. Returns the detached mounts by index. Throws Error with the step.
std::vector<util::Fd> prepare_trees(const Spec& spec, Plan& plan, const PlanContext& context);

/// Throws Error{unavailable} where a process asks for an AppArmor profile and the kernel has no AppArmor.
void require_apparmor(const Process& process);

/// The value that is the descriptor of each.
std::vector<int> descriptors(const std::vector<util::Fd>& owned);

}  // namespace vmtool::isolation
