#pragma once
// Starting, stopping, listing and deleting networks.

#include <string>
#include <vector>

#include "model/network.hpp"
#include "ops/lifecycle.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

struct ListedNetwork {
  std::string name;
  bool active = false;
  bool autostart = false;
  std::string bridge;
  std::string forward;  ///< "nat", "isolated" …
  std::vector<std::string> subnets;
};
std::vector<ListedNetwork> list_networks(const virt::Connection& connection);

/// Throws Error{conflict} with the owner where the subnet or the bridge is taken.
Outcome start_network(const virt::Connection& connection, const std::string& name);

/// The names of running machines and containers that are plugged into a network.
std::vector<std::string> guests_on(const virt::Connection& connection, const std::string& network);

/// Throws Error{conflict} where running guests are plugged in and `force` is not set.
enum class Unplug { no, yes };
Outcome stop_network(const virt::Connection& connection, const std::string& name, Unplug force);

/// Stops and forgets it. Throws Error{conflict} where a machine, running or not, is defined on it, or a container runs there, and `force` is not set.
void delete_network(const virt::Connection& connection, const std::string& name, Unplug force);

}  // namespace vmtool::ops
