#include "ops/networks.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "ops/address_records.hpp"
#include "ops/host_subnets.hpp"
#include "ops/observe.hpp"
#include "util/error.hpp"
#include "util/text.hpp"
#include "xml/domain.hpp"
#include "xml/network.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

enum class Which { running, defined };

std::vector<std::string> users_of(const virt::Connection& connection, const std::string& network, Which which) {
  std::vector<std::string> users;
  for (const virt::Domain& domain : connection.domains()) {
    if (which == Which::running && !virt::is_active(domain.state())) continue;
    const model::VirtualMachine machine = xml::read_domain(domain.xml(virt::Flavor::current));
    const bool plugged = std::any_of(machine.interfaces.begin(), machine.interfaces.end(),
                                     [&](const model::Interface& interface) { return interface.network == network; });
    if (plugged) users.push_back(domain.name());
  }
  // What a container has, it has while it runs.
  for (const std::string& container : containers_on(network)) users.push_back(container);
  return users;
}

// libvirt names only the interface; and its own dnsmasq error names nothing.
void check_subnets_free(const model::Network& network) {
  for (const model::NetworkAddress& address : network.addresses) {
    if (!address.prefix) continue;
    for (const HostSubnet& other : host_subnets()) {
      if (other.interface == network.bridge.name || !model::overlaps(other.prefix, *address.prefix)) continue;
      throw Error(Errc::conflict,
                  fmt::format("network '{}' can't start: its subnet {} overlaps {} of {}", network.name,
                              model::to_text(*address.prefix), model::to_text(other.prefix), other.owner))
          .hint("define the network with another subnet, or free this one");
    }
  }
}

}  // namespace

std::vector<ListedNetwork> list_networks(const virt::Connection& connection) {
  std::vector<ListedNetwork> listed;
  for (const virt::Network& network : connection.networks()) {
    const model::Network model = xml::read_network(network.xml(virt::Flavor::current));
    ListedNetwork entry{network.name(),
                        network.is_active(),
                        network.is_persistent() && network.autostart(),
                        model.bridge.name,
                        std::string(model::to_text(model.forward.mode)),
                        {}};
    for (const model::NetworkAddress& address : model.addresses) {
      if (address.prefix) entry.subnets.push_back(model::to_text(*address.prefix));
    }
    listed.push_back(std::move(entry));
  }
  std::sort(listed.begin(), listed.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return listed;
}

Outcome start_network(const virt::Connection& connection, const std::string& name) {
  const virt::Network network = network_or_throw(connection, name);
  if (network.is_active()) return Outcome::already;
  try {
    if (connection.is_local() && !connection.is_session())
      check_subnets_free(xml::read_network(network.xml(virt::Flavor::inactive)));
    util::during(fmt::format("starting network '{}'", name), [&] { network.start(); });
  } catch (const Error&) {
    // Another guest's start may have been quicker: then its subnet is that very network's.
    if (!network.is_active()) throw;
    return Outcome::already;
  }
  return Outcome::done;
}

std::vector<std::string> guests_on(const virt::Connection& connection, const std::string& network) {
  return users_of(connection, network, Which::running);
}

Outcome stop_network(const virt::Connection& connection, const std::string& name, Unplug force) {
  const virt::Network network = network_or_throw(connection, name);
  if (!network.is_active()) return Outcome::already;
  if (const auto users = guests_on(connection, name); !users.empty() && force == Unplug::no) {
    throw Error(Errc::conflict,
                fmt::format("network '{}' is used by running guests: {}", name, util::quoted_list(users)))
        .hint("stop them first, or use --force: they lose their network until they are restarted");
  }
  network.destroy();
  return Outcome::done;
}

void delete_network(const virt::Connection& connection, const std::string& name, Unplug force) {
  const virt::Network network = network_or_throw(connection, name);
  if (const auto users = users_of(connection, name, Which::defined); !users.empty() && force == Unplug::no) {
    throw Error(Errc::conflict, fmt::format("network '{}' is used by: {}", name, util::quoted_list(users)))
        .hint("delete them first, or use --force: they can't start without it");
  }
  const bool persistent = network.is_persistent();
  if (network.is_active()) network.destroy();
  if (persistent) network.undefine();
}

}  // namespace vmtool::ops
