#pragma once
// The part of a plan that concerns networks.

#include <map>
#include <string>
#include <vector>

#include "ops/plan.hpp"

namespace vmtool::ops {

/// A network of the manifest on its way into a plan.
struct PlannedNetwork {
  model::Network wanted;                      ///< nothing automatic is left in it
  const ObservedNetwork* existing = nullptr;  ///< null: new
  bool adopted = false;                       ///< made by another tool: used as it is
};

/// A reservation that a machine's `address:` asks for.
struct WantedReservation {
  std::string network;
  model::DhcpHost host;
};

/// Fills in what is automatic (bridge, subnet, uuid, MAC) and refuses what is taken. Keyed by name, in manifest order of
/// the actions that add_network_actions() makes.
std::vector<PlannedNetwork> plan_networks(const model::Manifest& manifest, const Observed& observed);

/// Puts reservations into the networks that are new (all that are known go in before the start).
/// Returns those of networks that exist and lack them; throws Error{conflict} where the address or the name belongs to another.
std::vector<WantedReservation> place_reservations(const std::vector<WantedReservation>& wanted,
                                                  const Observed& observed, std::vector<PlannedNetwork>& networks);

Action network_action(const PlannedNetwork& network);

}  // namespace vmtool::ops
