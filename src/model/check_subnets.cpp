#include <array>

#include <fmt/format.h>

#include "model/check_rules.hpp"

namespace vmtool::model {
namespace {

constexpr unsigned longest_v4_prefix = 30;  // room for two hosts beside network and broadcast address
constexpr unsigned longest_v6_prefix = 126;
constexpr unsigned shortest_v4_prefix = 8;
constexpr unsigned shortest_v6_prefix = 16;
constexpr unsigned shortest_v6_dhcp_prefix = 64;  // dnsmasq(8), dhcp-range: the prefix length must be at least 64

void check_prefix(const NetworkAddress& subnet, const std::string& path, Findings& findings) {
  const IpPrefix& prefix = *subnet.prefix;
  const std::string shown = to_text(prefix);
  const bool v6 = prefix.address.v6;
  const unsigned shortest = !v6 ? shortest_v4_prefix : subnet.dhcp ? shortest_v6_dhcp_prefix : shortest_v6_prefix;
  const unsigned longest = v6 ? longest_v6_prefix : longest_v4_prefix;
  if (prefix.length < shortest || prefix.length > longest) {
    findings.add(path, fmt::format("the prefix length of '{}' is out of range", shown),
                 fmt::format("write /{} to /{}", shortest, longest));
  } else if (!is_host_address(prefix.address)) {
    findings.add(path, fmt::format("'{}' can't be a host's address", shown));
  } else if (prefix.address == first_address(prefix)) {
    findings.add(path, fmt::format("'{}' is the address of the network itself", shown),
                 "write the host's own address in it, usually the next one");
  } else if (!v6 && prefix.address == last_address(prefix)) {
    findings.add(path, fmt::format("'{}' is the network's broadcast address", shown),
                 "write the host's own address in it, usually the first one");
  }
}

}  // namespace

void check_subnets(const Network& network, Findings& findings) {
  // libvirt allows DHCP on one IPv4 and one IPv6 address of a network (formatnetwork.html, dhcp).
  std::array<unsigned, 2> with_dhcp{};
  for (std::size_t i = 0; i < network.addresses.size(); ++i) {
    const NetworkAddress& subnet = network.addresses[i];
    const std::string path = at("addresses", i);
    const bool v6 = subnet.prefix && subnet.prefix->address.v6;
    if (subnet.prefix) check_prefix(subnet, path + ".address", findings);
    if (subnet.dhcp) check_dhcp(subnet, path + ".dhcp", findings);
    if (subnet.dhcp && ++with_dhcp[v6 ? 1 : 0] == 2) {
      findings.add(path + ".dhcp", fmt::format("a network has DHCP on one {} address at most", v6 ? "IPv6" : "IPv4"));
    }
    for (std::size_t k = 0; k < i && subnet.prefix; ++k) {
      const auto& other = network.addresses[k].prefix;
      if (!other || !overlaps(*other, *subnet.prefix)) continue;
      findings.add(path + ".address",
                   fmt::format("the subnet of '{}' overlaps that of '{}'", to_text(*subnet.prefix), to_text(*other)));
      break;
    }
  }
}

}  // namespace vmtool::model
