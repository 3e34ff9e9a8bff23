#include "ops/container_network.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "model/derive.hpp"
#include "ops/address_records.hpp"
#include "ops/observe.hpp"
#include "util/error.hpp"
#include "util/text.hpp"
#include "util/undo.hpp"
#include "xml/network.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;
using Section = virt::Network::Section;
using Update = virt::Network::Update;
using Scope = virt::Network::Scope;

constexpr const char* container_kind = "Container";
constexpr unsigned most_mac_attempts = 64;

bool is_in_range(const model::NetworkAddress& subnet, const model::IpAddress& address) {
  if (!subnet.dhcp) return false;
  return std::any_of(subnet.dhcp->ranges.begin(), subnet.dhcp->ranges.end(),
                     [&](const model::DhcpRange& range) { return range.start <= address && address <= range.end; });
}

// A network as it runs, read once for all wishes.
struct LiveNetwork {
  virt::Network handle;
  model::Network now;
};

LiveNetwork open_live_network(const virt::Connection& connection, const std::string& name) {
  LiveNetwork out{network_or_throw(connection, name), {}};
  if (!out.handle.is_active())
    throw Error(Errc::unavailable, fmt::format("network '{}' is not running", name))
        .hint(fmt::format("vmtool net start {}", name));
  out.now = xml::read_network(out.handle.xml(virt::Flavor::current));
  return out;
}

// Who of libvirt's guests has the address: its owner's name, or empty.
std::string reserved_for(const model::Network& network, const model::IpAddress& address) {
  for (const model::NetworkAddress& subnet : network.addresses) {
    if (subnet.prefix && subnet.prefix->address == address) return "the host";
    if (!subnet.dhcp) continue;
    for (const model::DhcpHost& host : subnet.dhcp->hosts) {
      if (host.address == address) return host.name.empty() ? "a machine" : host.name;
    }
  }
  for (const model::DnsHost& host : network.dns.hosts) {
    if (host.address == address) return host.hostnames.empty() ? "another" : host.hostnames.front();
  }
  return "";
}

const model::NetworkAddress& subnet_with(const model::Network& network, const model::IpAddress& address) {
  for (const model::NetworkAddress& subnet : network.addresses) {
    const bool is_inside = subnet.prefix && model::contains(*subnet.prefix, address);
    if (is_inside && address != model::first_address(*subnet.prefix) &&
        (address.v6 || address != model::last_address(*subnet.prefix)))
      return subnet;
  }
  throw Error(Errc::conflict,
              fmt::format("{} is no address for a guest of network '{}'", model::to_text(address), network.name))
      .hint(fmt::format("'vmtool net show {}' shows its subnets", network.name));
}

model::MacAddress mac_for(const AddressWish& wish, const util::Uuid& host, const AddressRecords& records) {
  if (wish.mac) return *wish.mac;
  for (unsigned attempt = 0; attempt < most_mac_attempts; ++attempt) {
    const model::MacAddress mac = model::derive_mac(host, container_kind, wish.container, wish.interface, attempt);
    const auto& all = records.all();
    if (std::none_of(all.begin(), all.end(), [&](const AddressRecord& record) {
          return record.mac == mac && record.container != wish.container;
        }))
      return mac;
  }
  throw Error(Errc::conflict,
              fmt::format("no MAC is free for interface '{}' of container '{}'", wish.interface, wish.container));
}

model::IpPrefix address_for(const AddressWish& wish, const model::Network& network, const AddressRecords& records,
                            const std::vector<model::IpAddress>& reserved) {
  if (wish.address) {
    const model::NetworkAddress& subnet = subnet_with(network, *wish.address);
    const AddressRecord* record = records.find(network.name, *wish.address);
    const std::string owner = record != nullptr ? record->container : reserved_for(network, *wish.address);
    if (!owner.empty())
      throw Error(Errc::conflict, fmt::format("{} of network '{}' is taken by '{}'", model::to_text(*wish.address),
                                              network.name, owner));
    return {*wish.address, subnet.prefix->length};
  }
  const auto is_taken = [&](const model::IpAddress& address) {
    return records.find(network.name, address) != nullptr ||
           std::find(reserved.begin(), reserved.end(), address) != reserved.end();
  };
  if (const auto found = first_free_address(network, is_taken)) return *found;
  throw Error(Errc::conflict, fmt::format("network '{}' has no free address outside of its DHCP ranges", network.name))
      .hint("make its ranges smaller, or delete containers that are not needed");
}

// libvirt wants a name once in a network: a second interface there has its own.
std::string name_for(const AddressWish& wish, const AddressRecords& records) {
  const auto& all = records.all();
  const bool has_one = std::any_of(all.begin(), all.end(), [&](const AddressRecord& record) {
    return record.network == wish.network && record.container == wish.container;
  });
  return has_one ? fmt::format("{}-{}", wish.container, wish.interface) : wish.container;
}

model::DhcpHost dhcp_host_of(const AddressRecord& record) { return {record.name, record.mac, record.address}; }

void enter_name(const virt::Network& network, const AddressRecord& record) {
  network.update(Section::dns_host, Update::add, xml::write_dns_host({record.address, {record.name}}), Scope::live);
}

void enter_reservation(const virt::Network& network, const AddressRecord& record) {
  if (record.is_reserved)
    network.update(Section::dhcp_host, Update::add, xml::write_dhcp_host(dhcp_host_of(record)), Scope::live);
}

// Only what is there is taken out: libvirt forgets live changes when the network stops.
void take_out(const LiveNetwork& network, const AddressRecord& record) {
  for (const model::DnsHost& host : network.now.dns.hosts) {
    if (host.address == record.address && host.hostnames == std::vector<std::string>{record.name}) {
      network.handle.update(Section::dns_host, Update::remove, xml::write_dns_host(host), Scope::live);
    }
  }
  if (!record.is_reserved) return;
  for (const model::NetworkAddress& subnet : network.now.addresses) {
    if (!subnet.dhcp) continue;
    for (const model::DhcpHost& host : subnet.dhcp->hosts) {
      if (host.address == record.address && host.mac == record.mac)
        network.handle.update(Section::dhcp_host, Update::remove, xml::write_dhcp_host(host), Scope::live);
    }
  }
}

ContainerAddress describe_address(const AddressWish& wish, const LiveNetwork& network, const AddressRecord& record,
                                  unsigned prefix) {
  const model::NetworkAddress& subnet = subnet_with(network.now, record.address);
  ContainerAddress out{wish.container,
                       wish.interface,
                       wish.network,
                       network.handle.bridge(),
                       record.mac,
                       {record.address, prefix},
                       {},
                       subnet.prefix->address,
                       network.now.domain.name,
                       wish.mtu};
  if (network.now.forward.mode != model::ForwardMode::isolated) out.gateway = subnet.prefix->address;
  if (!out.mtu) out.mtu = network.now.mtu;
  // Listening and learning, each as long as the delay, which the kernel keeps above 2 s then (net/bridge/br_stp.c).
  if (network.now.bridge.stp)
    out.closed = 2 * std::max<std::chrono::milliseconds>(network.now.bridge.delay, std::chrono::seconds{2});
  return out;
}

}  // namespace

std::optional<model::IpPrefix> first_free_address(const model::Network& network,
                                                  const std::function<bool(const model::IpAddress&)>& is_taken) {
  for (const model::NetworkAddress& subnet : network.addresses) {
    if (!subnet.prefix || subnet.prefix->address.v6) continue;
    const std::uint32_t last = model::ipv4_value(model::last_address(*subnet.prefix));
    for (std::uint32_t value = model::ipv4_value(model::first_address(*subnet.prefix)) + 1; value < last; ++value) {
      const model::IpAddress address = model::ipv4(value);
      if (!is_in_range(subnet, address) && reserved_for(network, address).empty() && !is_taken(address))
        return model::IpPrefix{address, subnet.prefix->length};
    }
  }
  return std::nullopt;
}

std::vector<ContainerAddress> ContainerNetwork::allot(const std::vector<AddressWish>& wishes,
                                                      const std::vector<model::IpAddress>& reserved) const {
  AddressRecords records(directory_);
  std::map<std::string, LiveNetwork> networks;
  for (const AddressWish& wish : wishes) {
    if (networks.count(wish.network) == 0) networks.emplace(wish.network, open_live_network(connection_, wish.network));
  }
  const util::Uuid host = host_uuid(connection_);
  util::Undo undo(nullptr);
  std::vector<ContainerAddress> out;
  for (const AddressWish& wish : wishes) {
    const LiveNetwork& network = networks.at(wish.network);
    util::during(fmt::format("giving container '{}' an address", wish.container), [&] {
      if (const AddressRecord* old = records.find(wish.network, wish.container, wish.interface)) {
        // Left by a run that was killed: it may be in the network or not.
        const AddressRecord stale = *old;
        take_out(network, stale);
        records.remove(stale);
        networks.at(wish.network) = open_live_network(connection_, wish.network);
      }
      const model::IpPrefix address = address_for(wish, network.now, records, reserved);
      const AddressRecord record{wish.network,
                                 address.address,
                                 wish.container,
                                 wish.interface,
                                 mac_for(wish, host, records),
                                 name_for(wish, records),
                                 is_in_range(subnet_with(network.now, address.address), address.address)};
      records.add(record);
      undo.add("forget the address", [&records, record] { records.remove(record); });
      enter_reservation(network.handle, record);
      undo.add("remove the reservation", [&network, record] {
        if (record.is_reserved)
          network.handle.update(Section::dhcp_host, Update::remove, xml::write_dhcp_host(dhcp_host_of(record)),
                                Scope::live);
      });
      enter_name(network.handle, record);
      undo.add("remove the name", [&network, record] {
        network.handle.update(Section::dns_host, Update::remove, xml::write_dns_host({record.address, {record.name}}),
                              Scope::live);
      });
      out.push_back(describe_address(wish, network, record, address.length));
    });
  }
  undo.commit();
  return out;
}

void ContainerNetwork::release(const std::vector<std::string>& containers) const {
  AddressRecords records(directory_);
  const std::vector<AddressRecord> all = records.all();
  for (const AddressRecord& record : all) {
    if (std::find(containers.begin(), containers.end(), record.container) == containers.end()) continue;
    const auto network = connection_.find_network(record.network);
    if (network && network->is_active()) take_out(open_live_network(connection_, record.network), record);
    records.remove(record);
  }
}

std::string hosts_file(const std::string& hostname, const std::vector<ContainerAddress>& addresses) {
  std::string out = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";
  for (const ContainerAddress& one : addresses) {
    const std::string full = one.domain.empty() ? "" : fmt::format("{}.{} ", hostname, one.domain);
    out += fmt::format("{}\t{}{}\n", model::to_text(one.address.address), full, hostname);
  }
  if (addresses.empty()) out += fmt::format("127.0.1.1\t{}\n", hostname);
  return out;
}

std::string resolver_file(const std::vector<ContainerAddress>& addresses) {
  std::string search;
  std::string servers;
  for (const ContainerAddress& one : addresses) {
    if (!one.domain.empty()) search += " " + one.domain;
    if (one.dns) servers += fmt::format("nameserver {}\n", model::to_text(*one.dns));
  }
  return servers.empty() || search.empty() ? servers : fmt::format("search{}\n{}", search, servers);
}

}  // namespace vmtool::ops
