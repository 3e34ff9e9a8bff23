#pragma once
// The addresses of a guest, merged from every source that knows some.

#include <map>
#include <string>
#include <vector>

#include "model/machine.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

/// An address with where it is known from.
struct FoundAddress {
  std::string address;
  std::string mac;     ///< lower case; empty: unknown
  std::string source;  ///< "lease", "agent" or "arp"
};

/// All leases of all active networks, one call a network. Keyed by MAC, newest first.
std::multimap<std::string, virt::Lease> leases_by_mac(const virt::Connection& connection);

/// The newest lease of each of the machine's MACs.
std::vector<FoundAddress> lease_addresses(const model::VirtualMachine& machine,
                                          const std::multimap<std::string, virt::Lease>& leases);

/// The machine's lease addresses, without asking the guest.
std::vector<FoundAddress> lease_addresses_of(const virt::Connection& connection, const virt::Domain& domain);

/// What leases, the guest agent and the host's ARP table know, in that order; an address once; IPv4 before IPv6;
/// loopback and link-local addresses left out.
std::vector<FoundAddress> addresses_of(const virt::Connection& connection, const virt::Domain& domain);

}  // namespace vmtool::ops
