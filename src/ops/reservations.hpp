#pragma once
// Fixed addresses in a network: a DHCP reservation and a DNS name, changed live.

#include <string>

#include "model/network.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

/// Adds the reservation and, where it has a name, the DNS entry, live and in the definition. An earlier reservation of the
/// same name and MAC moves to the new address. Throws Error{conflict} where the address, the MAC or the name is another's,
/// and where the address is not in a subnet with DHCP.
void add_reservation(const virt::Connection& connection, const std::string& network, const model::DhcpHost& host);

/// Removes the reservation and its DNS entry; what is not there is no error.
void remove_reservation(const virt::Connection& connection, const std::string& network, const model::DhcpHost& host);

/// The reservation that a word names: its address, its MAC or its name. Throws Error{not_found}.
model::DhcpHost reservation_or_throw(const model::Network& network, const std::string& word);

}  // namespace vmtool::ops
