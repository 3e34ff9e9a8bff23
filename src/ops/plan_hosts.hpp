#pragma once
// The DHCP reservations and DNS entries of a network that runs: the part of its definition that changes without a stop.

#include <string>
#include <vector>

#include "ops/plan.hpp"

namespace vmtool::ops {

/// Whether both can't stand in one network: they share an address, a MAC or a name.
bool takes_place_of(const model::DhcpHost& wanted, const model::DhcpHost& now);

/// Whether a change's path is one of a DHCP reservation or a DNS entry.
bool is_of_hosts(const std::string& path);

/// Adds the steps that bring the hosts of `live`, a network as it runs, to those of `wanted`. Nothing is only taken away:
/// what the manifest does not name may be somebody else's.
void add_host_updates(const model::Network& wanted, const model::Network& live, std::vector<Step>& steps);

}  // namespace vmtool::ops
