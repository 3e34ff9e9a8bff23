#include "ops/plan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "ops/plan_machine.hpp"
#include "ops/plan_networks.hpp"
#include "ops/plan_volumes.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

void check_networks_exist(const PlannedMachine& machine, const Observed& observed,
                          const std::vector<PlannedNetwork>& networks) {
  for (const model::Interface& interface : machine.wanted.interfaces) {
    if (!interface.network || observed.networks.contains(*interface.network)) continue;
    const bool planned = std::any_of(networks.begin(), networks.end(), [&](const PlannedNetwork& network) {
      return network.wanted.name == *interface.network;
    });
    if (planned) continue;
    std::vector<std::string> names;
    for (const auto& [name, network] : observed.networks) names.push_back(name);
    const auto near = util::nearest(*interface.network, names);
    throw util::Error(
        util::Errc::not_found,
        fmt::format("interface '{}' of '{}' wants network '{}', which is neither in the manifest nor on the host",
                    interface.name, machine.wanted.name, *interface.network))
        .hint(near ? fmt::format("did you mean '{}'?", *near)
                   : "define it first: vmtool net define -f networks/default.yaml");
  }
}

// The prefix of a machine's fixed address must be its network's.
void check_addresses(const std::vector<WantedReservation>& reservations, const Observed& observed,
                     const std::vector<PlannedNetwork>& networks) {
  for (const WantedReservation& reservation : reservations) {
    const auto planned = std::find_if(networks.begin(), networks.end(),
                                      [&](const PlannedNetwork& n) { return n.wanted.name == reservation.network; });
    const model::Network& network =
        planned != networks.end() ? planned->wanted : observed.networks.at(reservation.network).network;
    const bool inside =
        std::any_of(network.addresses.begin(), network.addresses.end(), [&](const model::NetworkAddress& address) {
          return address.prefix && model::contains(*address.prefix, reservation.host.address);
        });
    if (inside) continue;
    std::string subnets;
    for (const model::NetworkAddress& address : network.addresses) {
      if (address.prefix) subnets += (subnets.empty() ? "" : ", ") + model::to_text(*address.prefix);
    }
    throw util::Error(util::Errc::conflict,
                      fmt::format("address {} of '{}' is not in network '{}'", model::to_text(reservation.host.address),
                                  reservation.host.name, reservation.network))
        .hint(subnets.empty() ? "the network has no subnet of its own" : "its subnets: " + subnets);
  }
}

std::vector<WantedReservation> reservations_of(const std::vector<PlannedMachine>& machines) {
  std::vector<WantedReservation> all;
  for (const PlannedMachine& machine : machines)
    all.insert(all.end(), machine.reservations.begin(), machine.reservations.end());
  return all;
}

}  // namespace

const char* to_text(Verb verb) noexcept {
  switch (verb) {
    case Verb::create: return "create";
    case Verb::update: return "update";
    case Verb::unchanged: return "unchanged";
    case Verb::adopt: return "adopt";
  }
  return "";
}

bool Plan::is_empty() const {
  return std::all_of(actions.begin(), actions.end(), [](const Action& action) { return action.steps.empty(); });
}

Plan make_plan(const model::Manifest& manifest, const Observed& observed, const PlanOptions& options,
               ContainerPlan containers) {
  VolumeSpace space(observed);
  std::vector<Action> storage;
  // Images and volumes first, wherever they stand in the file: disks are planned on them.
  for (const model::Document& document : manifest.documents) {
    if (const auto* image = std::get_if<model::Image>(&document.object))
      storage.push_back(image_action(*image, observed, space));
    if (const auto* volume = std::get_if<model::Volume>(&document.object))
      storage.push_back(volume_action(*volume, observed, space));
  }
  std::vector<PlannedNetwork> networks = plan_networks(manifest, observed);
  Claims claims = claims_of(observed);
  std::vector<PlannedMachine> machines;
  for (const model::Document& document : manifest.documents) {
    if (const auto* machine = std::get_if<model::VirtualMachine>(&document.object)) {
      machines.push_back(plan_machine(*machine, observed, options, space, claims));
      check_networks_exist(machines.back(), observed, networks);
    }
  }
  check_addresses(reservations_of(machines), observed, networks);
  std::vector<std::vector<WantedReservation>> live;
  live.reserve(machines.size());
  for (const PlannedMachine& machine : machines)
    live.push_back(place_reservations(machine.reservations, observed, networks));

  Plan plan;
  plan.actions = space.pool_actions();
  for (Action& action : storage) plan.actions.push_back(std::move(action));
  for (const PlannedNetwork& network : networks) plan.actions.push_back(network_action(network));
  for (Action& action : containers.actions) plan.actions.push_back(std::move(action));
  for (std::size_t i = 0; i < machines.size(); ++i)
    plan.actions.push_back(machine_action(std::move(machines[i]), live[i]));
  return plan;
}

}  // namespace vmtool::ops
