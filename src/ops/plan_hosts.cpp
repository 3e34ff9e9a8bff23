#include "ops/plan_hosts.hpp"

#include <algorithm>

#include "xml/network.hpp"

namespace vmtool::ops {
namespace {

std::vector<model::DhcpHost> dhcp_hosts(const model::Network& network) {
  std::vector<model::DhcpHost> hosts;
  for (const model::NetworkAddress& address : network.addresses) {
    if (address.dhcp) hosts.insert(hosts.end(), address.dhcp->hosts.begin(), address.dhcp->hosts.end());
  }
  return hosts;
}

template <class Host, class Clash, class Write>
void add_updates(UpdateHost::Kind kind, const std::string& network, const std::vector<Host>& wanted,
                 const std::vector<Host>& live, Clash clash, Write write, std::vector<Step>& steps) {
  for (const Host& host : wanted) {
    if (std::find(live.begin(), live.end(), host) != live.end()) continue;
    UpdateHost step{kind, network, {}, write(host)};
    for (const Host& now : live) {
      if (clash(host, now)) step.old_xml.push_back(write(now));
    }
    steps.emplace_back(std::move(step));
  }
}

}  // namespace

bool takes_place_of(const model::DhcpHost& wanted, const model::DhcpHost& now) {
  return wanted.address == now.address || (wanted.mac && wanted.mac == now.mac) ||
         (!wanted.name.empty() && wanted.name == now.name);
}

bool is_of_hosts(const std::string& path) {
  return path.starts_with("dns.hosts[") || path.find(".dhcp.hosts[") != std::string::npos;
}

void add_host_updates(const model::Network& wanted, const model::Network& live, std::vector<Step>& steps) {
  add_updates(UpdateHost::Kind::dhcp, wanted.name, dhcp_hosts(wanted), dhcp_hosts(live), takes_place_of,
              xml::write_dhcp_host, steps);
  const auto same_address = [](const model::DnsHost& a, const model::DnsHost& b) { return a.address == b.address; };
  add_updates(UpdateHost::Kind::dns, wanted.name, wanted.dns.hosts, live.dns.hosts, same_address, xml::write_dns_host,
              steps);
}

}  // namespace vmtool::ops
