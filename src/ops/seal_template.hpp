#pragma once
// A machine becomes a template: without an identity of its own, and not started by mistake.

#include <string>
#include <vector>

#include "identity/identity.hpp"
#include "util/reporter.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

/// Renews the machine's identity with an emptied machine-id ("empty" or "uninitialized", by `options`), and marks it in
/// its definition as a template. Both or none: throws Error{invalid_input} for another machine-id, what reset_identity throws, and Error{conflict} for a template.
identity::Report seal_template(const virt::Connection& connection, const std::string& name,
                               const identity::Options& options, util::Reporter& reporter);

struct SealedTemplate {
  std::string name;
  std::string sealed;  ///< RFC 3339
};

/// Every template of the host, by name.
std::vector<SealedTemplate> templates(const virt::Connection& connection);

/// Takes the mark away, so that the machine starts like any other. Throws Error{conflict} where it is no template, or
/// where volumes stand on its disks.
void unseal_template(const virt::Connection& connection, const std::string& name);

}  // namespace vmtool::ops
