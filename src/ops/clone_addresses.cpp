#include "ops/clone_addresses.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "ops/observe.hpp"
#include "util/error.hpp"
#include "xml/network.hpp"

namespace vmtool::ops {
namespace {

using model::IpAddress;
using util::Errc;
using util::Error;

IpAddress after(IpAddress address, unsigned steps) {
  for (unsigned step = 0; step < steps; ++step) {
    for (std::size_t i = address.bytes.size(); i-- > 0 && ++address.bytes[i] == 0;) {
    }
  }
  return address;
}

class Addresses {
 public:
  Addresses(const virt::Connection& connection, const ClonePlan& plan) : plan_(plan) {
    for (const xml::SourceInterface& interface : plan.source.interfaces) {
      if (interface.network.empty() || networks_.contains(interface.network)) continue;
      const auto network = connection.find_network(interface.network);
      if (network) networks_.emplace(interface.network, xml::read_network(network->xml(virt::Flavor::inactive)));
    }
  }

  void fill(TargetPlan& target, unsigned number) {
    std::vector<bool> used(plan_.options.addresses.size(), false);
    for (std::size_t i = 0; i < plan_.source.interfaces.size(); ++i) {
      const xml::SourceInterface& interface = plan_.source.interfaces[i];
      if (!networks_.contains(interface.network)) continue;
      model::Network& network = networks_.at(interface.network);
      const auto mac = model::parse_mac(target.macs[i]);
      if (const auto old = reservation_of(network, interface.mac)) {
        const auto wish = wish_for(old->address, used);
        const IpAddress address = wish ? after(*wish, number) : next_free(network, *old);
        reserve(target, network, old, {target.name, mac, address});
        target.address_changes.push_back({model::to_text(old->address), model::to_text(address)});
      } else if (const auto wish = wish_in(network, used)) {
        reserve(target, network, std::nullopt, {target.name, mac, after(*wish, number)});
      }
    }
    for (const CloneAddress& wish : plan_.options.addresses) {
      target.address_changes.push_back(
          {wish.from ? model::to_text(*wish.from) : "", model::to_text(after(wish.to, number))});
    }
  }

 private:
  static const model::NetworkAddress* subnet_of(const model::Network& network, const IpAddress& address) {
    const auto found =
        std::find_if(network.addresses.begin(), network.addresses.end(), [&](const model::NetworkAddress& own) {
          return own.prefix && own.dhcp && model::contains(*own.prefix, address);
        });
    return found == network.addresses.end() ? nullptr : &*found;
  }

  static std::optional<model::DhcpHost> reservation_of(const model::Network& network, const std::string& mac_text) {
    const auto mac = model::parse_mac(mac_text);
    for (const model::NetworkAddress& own : network.addresses) {
      if (!own.dhcp || !mac) continue;
      for (const model::DhcpHost& host : own.dhcp->hosts) {
        if (host.mac == mac) return host;
      }
    }
    return std::nullopt;
  }

  std::optional<IpAddress> wish_for(const IpAddress& old, std::vector<bool>& used) const {
    for (std::size_t i = 0; i < used.size(); ++i) {
      const CloneAddress& wish = plan_.options.addresses[i];
      if (used[i] || (wish.from && *wish.from != old)) continue;
      used[i] = true;
      return wish.to;
    }
    return std::nullopt;
  }

  std::optional<IpAddress> wish_in(const model::Network& network, std::vector<bool>& used) const {
    for (std::size_t i = 0; i < used.size(); ++i) {
      const CloneAddress& wish = plan_.options.addresses[i];
      if (used[i] || wish.from || subnet_of(network, wish.to) == nullptr) continue;
      used[i] = true;
      return wish.to;
    }
    return std::nullopt;
  }

  static std::string owner_of(const model::Network& network, const IpAddress& address) {
    for (const model::NetworkAddress& own : network.addresses) {
      if (own.prefix && own.prefix->address == address) return "the host";
      if (!own.dhcp) continue;
      for (const model::DhcpHost& host : own.dhcp->hosts) {
        if (host.address == address)
          return host.name.empty() ? host.mac ? model::to_text(*host.mac) : "a reservation"
                                   : fmt::format("'{}'", host.name);
      }
    }
    return {};
  }

  // What the network hands out by itself may be anybody's tomorrow.
  static bool is_handed_out(const model::NetworkAddress& subnet, const IpAddress& address) {
    return std::any_of(subnet.dhcp->ranges.begin(), subnet.dhcp->ranges.end(),
                       [&](const model::DhcpRange& range) { return range.start <= address && address <= range.end; });
  }

  static IpAddress next_free(const model::Network& network, const model::DhcpHost& old) {
    const model::NetworkAddress* subnet = subnet_of(network, old.address);
    const auto none = [&] {
      return Error(Errc::conflict,
                   fmt::format("network '{}' has no free address outside of its DHCP ranges", network.name))
          .hint("name one with --address");
    };
    if (subnet == nullptr || old.address.v6) throw none();
    const std::uint32_t first = model::ipv4_value(model::first_address(*subnet->prefix));
    const std::uint32_t size = model::ipv4_value(model::last_address(*subnet->prefix)) - first;
    const std::uint32_t start = model::ipv4_value(old.address) - first;
    for (std::uint32_t step = 1; step < size; ++step) {
      const std::uint32_t offset = (start + step) % size;
      const IpAddress candidate = model::ipv4(first + offset);
      if (offset != 0 && !is_handed_out(*subnet, candidate) && owner_of(network, candidate).empty()) return candidate;
    }
    throw none();
  }

  // The plan's own copy of the network keeps the targets apart.
  static void reserve(TargetPlan& target, model::Network& network, const std::optional<model::DhcpHost>& old,
                      model::DhcpHost host) {
    const std::string owner = owner_of(network, host.address);
    if (!owner.empty())
      throw Error(Errc::conflict, fmt::format("{} is taken in network '{}': it belongs to {}",
                                              model::to_text(host.address), network.name, owner));
    for (model::NetworkAddress& own : network.addresses) {
      if (!own.prefix || !own.dhcp || !model::contains(*own.prefix, host.address)) continue;
      // One name, one address: a second card in the same network goes without.
      const auto has_name = [&](const PlannedReservation& planned) { return planned.network == network.name; };
      if (std::any_of(target.reservations.begin(), target.reservations.end(), has_name)) host.name.clear();
      own.dhcp->hosts.push_back(host);
      target.reservations.push_back({network.name, old, host});
      return;
    }
    throw Error(Errc::conflict, fmt::format("{} is not in a subnet of network '{}' that has DHCP",
                                            model::to_text(host.address), network.name));
  }

  const ClonePlan& plan_;
  std::map<std::string, model::Network> networks_;
};

}  // namespace

void plan_clone_addresses(const virt::Connection& connection, const ClonePlan& plan, std::vector<TargetPlan>& targets) {
  Addresses addresses(connection, plan);
  for (std::size_t i = 0; i < targets.size(); ++i) addresses.fill(targets[i], static_cast<unsigned>(i));
}

}  // namespace vmtool::ops
