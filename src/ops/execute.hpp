#pragma once
// Doing what a plan says: all of it, or nothing.

#include "ops/plan.hpp"
#include "util/reporter.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

/// Carries out the steps in order; machines, which don't depend on each other, several at a time. When a step fails, what
/// was done is undone in reverse (only the growing of a disk, which comes last, can't be), and the failure is thrown.
/// What could not be undone is reported as a warning. More than one step stand in a journal meanwhile (ops/journal.hpp), so that
/// recover() undoes them after a kill. Throws Error{conflict} where that was not done yet.
void execute(const Plan& plan, const virt::Connection& connection, util::Reporter& reporter);

/// The same where `connection` may be null, if the plan has containers alone.
/// Called before each step with its number from 0; a test throws from it to make that step fail.
using BeforeStep = std::function<void(std::size_t)>;
void execute(const Plan& plan, const virt::Connection& connection, util::Reporter& reporter,
             const BeforeStep& before_step);

void execute(const Plan& plan, const virt::Connection* connection, util::Reporter& reporter,
             const BeforeStep& before_step);

}  // namespace vmtool::ops
