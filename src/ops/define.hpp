#pragma once
// From a manifest to a plan for a host.

#include <optional>

#include "ops/plan.hpp"
#include "util/reporter.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

/// Looks at the host and makes the plan; changes nothing. The KVM probe runs only where a new machine's type is automatic.
Plan plan_define(const virt::Connection& connection, const model::Manifest& manifest,
                 std::optional<model::DomainType> domain_type, util::Reporter& reporter);

}  // namespace vmtool::ops
