#pragma once
// The child of a launch.

#include "isolation/child.hpp"
#include "isolation/plan.hpp"

namespace vmtool::isolation {

/// Runs the steps one after the other; the last one does not return. Reports the first failure and ends.
[[noreturn]] void child_main(const Plan& plan, Child& child) noexcept;

}  // namespace vmtool::isolation
