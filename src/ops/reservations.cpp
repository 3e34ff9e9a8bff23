#include "ops/reservations.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

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

std::vector<model::DhcpHost> hosts_of(const model::Network& network) {
  std::vector<model::DhcpHost> hosts;
  for (const model::NetworkAddress& address : network.addresses) {
    if (address.dhcp) hosts.insert(hosts.end(), address.dhcp->hosts.begin(), address.dhcp->hosts.end());
  }
  return hosts;
}

const model::NetworkAddress* subnet_of(const model::Network& network, const model::IpAddress& address) {
  const auto found =
      std::find_if(network.addresses.begin(), network.addresses.end(), [&](const model::NetworkAddress& own) {
        return own.prefix && own.dhcp && model::contains(*own.prefix, address);
      });
  return found == network.addresses.end() ? nullptr : &*found;
}

void check_free(const model::Network& network, const model::DhcpHost& host) {
  const model::NetworkAddress* subnet = subnet_of(network, host.address);
  if (subnet == nullptr) {
    throw Error(Errc::conflict, fmt::format("{} is not in a subnet of network '{}' that has DHCP",
                                            model::to_text(host.address), network.name))
        .hint(fmt::format("'vmtool net show {}' shows its subnets", network.name));
  }
  if (subnet->prefix->address == host.address) {
    throw Error(Errc::conflict, fmt::format("{} is the host's own address in network '{}'",
                                            model::to_text(host.address), network.name));
  }
  for (const model::DhcpHost& other : hosts_of(network)) {
    const bool same_address = other.address == host.address;
    const bool same_mac = other.mac && other.mac == host.mac;
    const bool same_name = !other.name.empty() && other.name == host.name;
    if (!(same_address || same_mac || same_name) || (same_mac && (same_name || other.name.empty()))) continue;
    throw Error(Errc::conflict, fmt::format("network '{}' has a reservation of {} for '{}' ({}) already", network.name,
                                            model::to_text(other.address), other.name,
                                            other.mac ? model::to_text(*other.mac) : "any MAC"))
        .hint(fmt::format("release it first: vmtool net release {} {}", network.name, model::to_text(other.address)));
  }
}

const model::DnsHost* dns_entry(const model::Network& network, const model::DhcpHost& host) {
  const auto found = std::find_if(network.dns.hosts.begin(), network.dns.hosts.end(), [&](const model::DnsHost& entry) {
    return entry.address == host.address &&
           std::find(entry.hostnames.begin(), entry.hostnames.end(), host.name) != entry.hostnames.end();
  });
  return found == network.dns.hosts.end() ? nullptr : &*found;
}

}  // namespace

void add_reservation(const virt::Connection& connection, const std::string& network_name, const model::DhcpHost& host) {
  const virt::Network network = network_or_throw(connection, network_name);
  const model::Network now = xml::read_network(network.xml(virt::Flavor::inactive));
  check_free(now, host);
  util::Undo undo(nullptr);
  for (const model::DhcpHost& other : hosts_of(now)) {
    if (!other.mac || other.mac != host.mac) continue;
    remove_reservation(connection, network_name, other);
    undo.add("restore the old reservation",
             [&connection, &network_name, other] { add_reservation(connection, network_name, other); });
  }
  network.update(Section::dhcp_host, Update::add, xml::write_dhcp_host(host));
  undo.add("remove the reservation",
           [&] { network.update(Section::dhcp_host, Update::remove, xml::write_dhcp_host(host)); });
  if (!host.name.empty() && dns_entry(now, host) == nullptr) {
    network.update(Section::dns_host, Update::add, xml::write_dns_host({host.address, {host.name}}));
  }
  undo.commit();
}

void remove_reservation(const virt::Connection& connection, const std::string& network_name,
                        const model::DhcpHost& host) {
  const auto network = connection.find_network(network_name);
  if (!network) return;
  const model::Network now = xml::read_network(network->xml(virt::Flavor::inactive));
  const auto hosts = hosts_of(now);
  if (std::find(hosts.begin(), hosts.end(), host) != hosts.end()) {
    network->update(Section::dhcp_host, Update::remove, xml::write_dhcp_host(host));
  }
  if (const model::DnsHost* entry = dns_entry(now, host))
    network->update(Section::dns_host, Update::remove, xml::write_dns_host(*entry));
}

model::DhcpHost reservation_or_throw(const model::Network& network, const std::string& word) {
  const auto address = model::parse_ip(word);
  const auto mac = model::parse_mac(word);
  for (const model::DhcpHost& host : hosts_of(network)) {
    if ((address && host.address == *address) || (mac && host.mac == mac) || (!host.name.empty() && host.name == word))
      return host;
  }
  throw Error(Errc::not_found,
              fmt::format("network '{}' has no reservation for '{}'", network.name, util::printable(word)))
      .hint(fmt::format("'vmtool net show {}' lists them; a word is an address, a MAC or a name", network.name));
}

}  // namespace vmtool::ops
