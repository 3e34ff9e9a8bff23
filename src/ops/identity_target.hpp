#pragma once
// A machine's disks as the identity room takes them.

#include <string>
#include <vector>

#include "identity/identity.hpp"
#include "model/machine.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

struct IdentityTarget {
  identity::Target target;
  std::vector<std::string> left_out;  ///< disks that lie on no file of this host: "disk 'vdb' lies on the network"
};

/// The machine's hard disks in their order, each with its backing chain. A backing file is followed only into the
/// directories of the host's storage pools, as an image's header may name any file of the host.
/// Throws Error{unavailable} for a connection to another host, Error{not_found} for a machine without disks,
/// Error{conflict} for a chain that leaves the pools or does not state its formats, and what storage::inspect throws.
IdentityTarget identity_target(const virt::Connection& connection, const model::VirtualMachine& machine);

}  // namespace vmtool::ops
