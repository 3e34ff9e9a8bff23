#include "ops/addresses.hpp"

#include <algorithm>

#include "xml/domain.hpp"

namespace vmtool::ops {
namespace {

bool is_of_use(const std::string& text) {
  const auto address = model::parse_ip(text);
  if (!address) return false;
  const auto& bytes = address->bytes;
  if (!address->v6) return bytes[12] != 127 && !(bytes[12] == 169 && bytes[13] == 254);
  const bool link_local = bytes[0] == 0xfe && (bytes[1] & 0xc0u) == 0x80;
  const bool loopback = std::all_of(bytes.begin(), bytes.end() - 1, [](unsigned char byte) { return byte == 0; });
  return !link_local && !loopback;
}

void add(std::vector<FoundAddress>& found, const virt::GuestAddress& address, const char* source) {
  if (!is_of_use(address.address)) return;
  const bool known = std::any_of(found.begin(), found.end(),
                                 [&](const FoundAddress& other) { return other.address == address.address; });
  if (!known) found.push_back({address.address, address.mac, source});
}

}  // namespace

std::multimap<std::string, virt::Lease> leases_by_mac(const virt::Connection& connection) {
  std::vector<virt::Lease> all;
  for (const virt::Network& network : connection.networks()) {
    if (!network.is_active()) continue;
    for (virt::Lease& lease : network.leases()) all.push_back(std::move(lease));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const virt::Lease& a, const virt::Lease& b) { return a.expires > b.expires; });
  std::multimap<std::string, virt::Lease> by_mac;
  for (virt::Lease& lease : all) {
    std::string mac = lease.mac;
    by_mac.emplace(std::move(mac), std::move(lease));
  }
  return by_mac;
}

std::vector<FoundAddress> lease_addresses(const model::VirtualMachine& machine,
                                          const std::multimap<std::string, virt::Lease>& leases) {
  std::vector<FoundAddress> found;
  for (const model::Interface& interface : machine.interfaces) {
    if (!interface.mac) continue;
    const auto lease = leases.find(model::to_text(*interface.mac));
    if (lease != leases.end()) found.push_back({lease->second.address, lease->first, "lease"});
  }
  return found;
}

std::vector<FoundAddress> lease_addresses_of(const virt::Connection& connection, const virt::Domain& domain) {
  return lease_addresses(xml::read_domain(domain.xml(virt::Flavor::current)), leases_by_mac(connection));
}

std::vector<FoundAddress> addresses_of(const virt::Connection& connection, const virt::Domain& domain) {
  std::vector<FoundAddress> found = lease_addresses_of(connection, domain);
  for (const virt::GuestAddress& address : domain.addresses(virt::AddressSource::agent)) add(found, address, "agent");
  for (const virt::GuestAddress& address : domain.addresses(virt::AddressSource::arp)) add(found, address, "arp");
  std::stable_partition(found.begin(), found.end(),
                        [](const FoundAddress& address) { return address.address.find(':') == std::string::npos; });
  return found;
}

}  // namespace vmtool::ops
