#include "ops/plan_networks.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "model/derive.hpp"
#include "ops/changes.hpp"
#include "ops/plan_hosts.hpp"
#include "util/error.hpp"
#include "xml/merge.hpp"
#include "xml/network.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

struct Taken {
  std::vector<HostSubnet> subnets;
  std::map<std::string, std::string> bridges;  // name → owner
};

void take(const model::Network& network, Taken& taken) {
  if (!network.bridge.name.empty())
    taken.bridges.emplace(network.bridge.name, fmt::format("network '{}'", network.name));
  for (const model::NetworkAddress& address : network.addresses) {
    if (address.prefix)
      taken.subnets.push_back({*address.prefix, fmt::format("network '{}'", network.name), network.bridge.name});
  }
}

Taken taken_by_others(const std::string& name, const Observed& observed, const std::vector<PlannedNetwork>& planned) {
  Taken taken;
  for (const auto& [other, entry] : observed.networks) {
    if (other != name) take(entry.network, taken);
  }
  for (const PlannedNetwork& other : planned) {
    if (other.existing == nullptr) take(other.wanted, taken);
  }
  // A network's own bridge is an interface of the host too: networks are named first.
  taken.subnets.insert(taken.subnets.end(), observed.subnets.begin(), observed.subnets.end());
  for (const std::string& interface : observed.interfaces)
    taken.bridges.emplace(interface, fmt::format("interface '{}' of the host", interface));
  return taken;
}

const HostSubnet* owner_of(const Taken& taken, const model::IpPrefix& prefix) {
  const auto found = std::find_if(taken.subnets.begin(), taken.subnets.end(),
                                  [&](const HostSubnet& other) { return model::overlaps(other.prefix, prefix); });
  return found == taken.subnets.end() ? nullptr : &*found;
}

std::string free_bridge(const Taken& taken) {
  for (unsigned n = 0;; ++n) {
    std::string name = fmt::format("virbr{}", n);
    if (!taken.bridges.contains(name)) return name;
  }
}

// 192.168.100.0/24 … 192.168.254.0/24, then 10.200.0.0/24 …: away from what home routers and Docker take.
std::optional<model::IpPrefix> free_subnet(const Taken& taken) {
  const auto candidate = [&](std::uint32_t base) -> std::optional<model::IpPrefix> {
    const model::IpPrefix prefix{model::ipv4(base + 1), 24};
    return owner_of(taken, prefix) == nullptr ? std::optional(prefix) : std::nullopt;
  };
  for (std::uint32_t third = 100; third < 255; ++third) {
    if (auto prefix = candidate(0xC0A80000u + (third << 8))) return prefix;
  }
  for (std::uint32_t third = 0; third < 255; ++third) {
    if (auto prefix = candidate(0x0AC80000u + (third << 8))) return prefix;
  }
  return std::nullopt;
}

// As networks/default.yaml: .2 to .199 for DHCP, the rest for addresses that machines ask for.
void fill_in_range(model::NetworkAddress& address) {
  if (!address.dhcp || !address.dhcp->ranges.empty()) return;
  const std::uint32_t base = model::ipv4_value(model::first_address(*address.prefix));
  address.dhcp->ranges.push_back({model::ipv4(base + 2), model::ipv4(base + 199), std::nullopt});
}

void fill_in_new(model::Network& network, const Observed& observed, Taken& taken) {
  network.uuid = model::derive_uuid(observed.host, "Network", network.name);
  if (network.forward.mode == model::ForwardMode::bridge) {
    if (observed.local && !observed.session && !observed.interfaces.contains(network.bridge.name)) {
      throw Error(Errc::not_found, fmt::format("network '{}' wants bridge '{}', which this host does not have",
                                               network.name, network.bridge.name))
          .hint(fmt::format("make it first: ip link add {} type bridge", network.bridge.name));
    }
    return;
  }
  network.mac = model::derive_mac(observed.host, "Network", network.name, "bridge");
  if (network.bridge.name.empty()) {
    network.bridge.name = free_bridge(taken);
  } else if (const auto owner = taken.bridges.find(network.bridge.name); owner != taken.bridges.end()) {
    throw Error(Errc::conflict, fmt::format("network '{}' wants bridge '{}', which is taken by {}", network.name,
                                            network.bridge.name, owner->second))
        .hint("choose another bridge name, or 'auto'");
  }
  for (model::NetworkAddress& address : network.addresses) {
    if (!address.prefix) {
      address.prefix = free_subnet(taken);
      if (!address.prefix)
        throw Error(Errc::conflict, fmt::format("no private /24 is free for network '{}'", network.name))
            .hint("give an address");
      fill_in_range(address);
    } else if (const HostSubnet* owner = owner_of(taken, *address.prefix)) {
      throw Error(Errc::conflict,
                  fmt::format("network '{}' wants {}, which overlaps {} of {}", network.name,
                              model::to_text(*address.prefix), model::to_text(owner->prefix), owner->owner))
          .hint("choose another subnet, or 'auto'");
    }
  }
}

// What exists keeps its own identity, and reservations that others made.
void fill_in_existing(model::Network& network, const model::Network& now) {
  network.uuid = now.uuid;
  network.mac = now.mac;
  if (network.bridge.name.empty()) network.bridge.name = now.bridge.name;
  for (std::size_t i = 0; i < network.addresses.size(); ++i) {
    model::NetworkAddress& address = network.addresses[i];
    if (i >= now.addresses.size()) continue;
    if (!address.prefix) {
      address.prefix = now.addresses[i].prefix;
      if (address.dhcp && now.addresses[i].dhcp) address.dhcp->ranges = now.addresses[i].dhcp->ranges;
    }
    if (!now.addresses[i].dhcp || !address.dhcp) continue;
    for (const model::DhcpHost& host : now.addresses[i].dhcp->hosts) {
      auto& hosts = address.dhcp->hosts;
      const bool named = std::any_of(hosts.begin(), hosts.end(),
                                     [&](const model::DhcpHost& own) { return takes_place_of(own, host); });
      if (!named) hosts.push_back(host);
    }
  }
  for (const model::DnsHost& host : now.dns.hosts) {
    auto& hosts = network.dns.hosts;
    const bool named =
        std::any_of(hosts.begin(), hosts.end(), [&](const model::DnsHost& own) { return own.address == host.address; });
    if (!named) hosts.push_back(host);
  }
}

PlannedNetwork plan_network(const model::Network& document, const Observed& observed,
                            const std::vector<PlannedNetwork>& planned) {
  PlannedNetwork out{document, nullptr, false};
  if (const auto found = observed.networks.find(document.name); found != observed.networks.end()) {
    out.existing = &found->second;
    out.adopted = found->second.network.uuid != model::derive_uuid(observed.host, "Network", document.name);
    fill_in_existing(out.wanted, found->second.network);
    return out;
  }
  if (observed.session && document.forward.mode != model::ForwardMode::bridge) {
    throw Error(Errc::unavailable,
                fmt::format("network '{}' can't be made in a session of an ordinary user", document.name))
        .hint("use --connect qemu:///system, or leave 'network' out of the interface for user-mode networking");
  }
  Taken taken = taken_by_others(document.name, observed, planned);
  fill_in_new(out.wanted, observed, taken);
  return out;
}

std::vector<model::DhcpHost>& hosts_of(model::Network& network, const model::IpAddress& address) {
  for (model::NetworkAddress& own : network.addresses) {
    if (!own.prefix || !model::contains(*own.prefix, address)) continue;
    if (own.prefix->address == address) {
      throw Error(Errc::conflict,
                  fmt::format("{} is the host's own address in network '{}'", model::to_text(address), network.name))
          .hint("choose another address");
    }
    if (!own.dhcp) break;
    return own.dhcp->hosts;
  }
  throw Error(Errc::conflict, fmt::format("network '{}' has no DHCP for {}", network.name, model::to_text(address)))
      .hint("give its subnet a 'dhcp' with ranges, or leave the interface's address out");
}

bool is_same_host(const model::DhcpHost& a, const model::DhcpHost& b) { return a.name == b.name && a.mac == b.mac; }

}  // namespace

std::vector<PlannedNetwork> plan_networks(const model::Manifest& manifest, const Observed& observed) {
  std::vector<PlannedNetwork> planned;
  for (const model::Document& document : manifest.documents) {
    if (const auto* network = std::get_if<model::Network>(&document.object)) {
      planned.push_back(plan_network(*network, observed, planned));
    }
  }
  return planned;
}

std::vector<WantedReservation> place_reservations(const std::vector<WantedReservation>& wanted,
                                                  const Observed& observed, std::vector<PlannedNetwork>& networks) {
  std::vector<WantedReservation> live;
  std::map<std::string, model::Network> seen;  // existing networks with the reservations of this plan
  for (const WantedReservation& reservation : wanted) {
    const auto planned = std::find_if(networks.begin(), networks.end(), [&](const PlannedNetwork& network) {
      return network.wanted.name == reservation.network;
    });
    const bool is_new = planned != networks.end() && planned->existing == nullptr;
    if (!is_new && !seen.contains(reservation.network))
      seen.emplace(reservation.network, observed.networks.at(reservation.network).network);
    model::Network& network = is_new ? planned->wanted : seen.at(reservation.network);
    auto& hosts = hosts_of(network, reservation.host.address);
    const auto clash = std::find_if(hosts.begin(), hosts.end(), [&](const model::DhcpHost& host) {
      return host.address == reservation.host.address && !is_same_host(host, reservation.host);
    });
    if (clash != hosts.end()) {
      throw Error(Errc::conflict, fmt::format("{} of network '{}' is reserved for '{}'",
                                              model::to_text(reservation.host.address), network.name, clash->name))
          .hint(fmt::format("choose another address, or release it: vmtool net release {} {}", network.name,
                            model::to_text(clash->address)));
    }
    const bool there =
        std::any_of(hosts.begin(), hosts.end(), [&](const model::DhcpHost& host) { return host == reservation.host; });
    if (there) continue;
    hosts.push_back(reservation.host);
    if (is_new) {
      network.dns.hosts.push_back({reservation.host.address, {reservation.host.name}});
    } else {
      live.push_back(reservation);
    }
  }
  return live;
}

Action network_action(const PlannedNetwork& network) {
  Action action;
  action.kind = "Network";
  action.name = network.wanted.name;
  if (network.existing == nullptr) {
    action.verb = Verb::create;
    action.steps.push_back(DefineNetwork{network.wanted, xml::write_network(network.wanted), ""});
    if (network.wanted.autostart) action.steps.push_back(SetAutostart{true, action.name, true});
    return action;
  }
  const ObservedNetwork& existing = *network.existing;
  action.changes = changes_between(existing.network, network.wanted);
  if (network.adopted) {
    action.verb = Verb::adopt;
    if (!action.changes.empty()) {
      std::string paths;
      for (const Change& change : action.changes) paths += (paths.empty() ? "" : ", ") + change.path;
      action.notes.push_back(
          fmt::format("another tool made it: it is used as it is, although the manifest differs in {}", paths));
      action.changes.clear();
    }
    return action;
  }
  if (action.changes.empty()) return action;
  action.verb = Verb::update;
  for (Change& change : action.changes)
    change.effect = change.path == "autostart" || is_of_hosts(change.path) ? Effect::live : Effect::next_start;
  const std::string merged =
      xml::merge(existing.xml, xml::rewrite_network(existing.xml), xml::write_network(network.wanted));
  if (!xml::is_same(merged, existing.xml)) action.steps.push_back(DefineNetwork{network.wanted, merged, existing.xml});
  if (existing.live) add_host_updates(network.wanted, *existing.live, action.steps);
  if (existing.network.autostart != network.wanted.autostart)
    action.steps.push_back(SetAutostart{true, action.name, network.wanted.autostart});
  return action;
}

}  // namespace vmtool::ops
