#pragma once
// What makes a machine unique: in its definition, and inside its disks.

#include <string>
#include <vector>

#include "identity/identity.hpp"
#include "virt/connection.hpp"
#include "xml/unique_fields.hpp"

namespace vmtool::ops {

struct MachineIdentity {
  std::string name;
  std::vector<xml::UniqueField> definition;
  identity::Report guest;  ///< as it is on the disks; of a running machine, as last written there
  std::string unread;      ///< why the guest could not be looked at; empty where it could
  std::string hint;        ///< the next step then
};

/// Looks at a machine; its disks may be in use. A disk that can't be read that way is no failure but stands in `unread`.
/// Throws Error{not_found} where there is no such machine.
MachineIdentity identity_of(const virt::Connection& connection, const std::string& name, identity::Way way);

}  // namespace vmtool::ops
