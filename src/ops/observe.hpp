#pragma once
// Looking at a host through libvirt, once, for everything that a plan compares with.

#include <set>
#include <string>

#include "ops/observed.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

/// Reads what the manifest's objects can meet on the host: all domains (their XML in parallel), all networks, the pools
/// and volumes that are named, and for a local connection the interfaces and routes. Changes nothing.
Observed observe(const virt::Connection& connection, const model::Manifest& manifest);

/// libvirt's uuid of the host, which identities are derived from.
util::Uuid host_uuid(const virt::Connection& connection);

/// The domain of that name as it is now. Throws Error{not_found} with the nearest name as hint.
virt::Domain domain_or_throw(const virt::Connection& connection, const std::string& name);
virt::Network network_or_throw(const virt::Connection& connection, const std::string& name);

}  // namespace vmtool::ops
