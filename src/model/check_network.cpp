#include <chrono>

#include <fmt/format.h>

#include "model/check_rules.hpp"

namespace vmtool::model {
namespace {

using namespace std::chrono_literals;

// libvirt bridges to what the host has: it then runs no DHCP, DNS or routing of its own (formatnetwork.html).
void check_host_bridge(const Network& network, Findings& findings) {
  if (network.bridge.name.empty())
    findings.add("forward.mode", "forward mode bridge needs a bridge of the host", "add 'bridge: {name: br0}'");
  const auto refuse = [&](bool given, const char* path) {
    if (given)
      findings.add(path,
                   fmt::format("a network with forward mode bridge has no '{}': the host's network has its own", path));
  };
  refuse(!network.addresses.empty(), "addresses");
  refuse(network.dns != Dns{}, "dns");
  refuse(network.domain != NetworkDomain{}, "domain");
  refuse(network.mtu.has_value(), "mtu");
}

void check_forward(const Network& network, Findings& findings) {
  const ForwardMode mode = network.forward.mode;
  if (mode == ForwardMode::bridge) check_host_bridge(network, findings);
  if ((mode == ForwardMode::nat || mode == ForwardMode::route) && network.addresses.empty()) {
    findings.add("addresses", fmt::format("forward mode {} needs an address", to_text(mode)),
                 "add 'addresses: [{address: auto, dhcp: {}}]'");
  }
  if (network.forward.device.empty()) return;
  findings.check_device("forward.device", network.forward.device);
  if (mode != ForwardMode::nat && mode != ForwardMode::route) {
    findings.add("forward.device", fmt::format("forward mode {} has no device", to_text(mode)),
                 "use mode nat or route, or remove 'device'");
  }
}

void check_bridge(const Bridge& bridge, Findings& findings) {
  if (!bridge.name.empty()) findings.check_device("bridge.name", bridge.name);
  if (bridge.delay % 1s != 0ms) findings.add("bridge.delay", "the bridge's delay must be whole seconds");
}

void check_dns(const Network& network, Findings& findings) {
  if (!network.domain.name.empty()) findings.check_dns_name("domain.name", network.domain.name);
  if (network.domain.local_only && network.domain.name.empty())
    findings.add("domain.localOnly", "a local domain needs a name", "add 'name'");
  for (std::size_t i = 0; i < network.dns.forwarders.size(); ++i) {
    const DnsForwarder& forwarder = network.dns.forwarders[i];
    if (!forwarder.domain.empty()) findings.check_dns_name(at("dns.forwarders", i) + ".domain", forwarder.domain);
  }
  for (std::size_t i = 0; i < network.dns.hosts.size(); ++i) {
    const std::string path = at("dns.hosts", i) + ".hostnames";
    const auto& names = network.dns.hosts[i].hostnames;
    if (names.empty()) findings.add(path, "a DNS host needs at least one name");
    for (std::size_t k = 0; k < names.size(); ++k) findings.check_dns_name(at(path, k), names[k]);
  }
}

}  // namespace

std::vector<Finding> check(const Network& network) {
  Findings findings;
  findings.check_name("name", network.name);
  check_forward(network, findings);
  check_bridge(network.bridge, findings);
  if (network.mtu) findings.check_mtu("mtu", *network.mtu);
  check_subnets(network, findings);
  check_dns(network, findings);
  findings.check_edits(network.xml);
  return findings.take();
}

}  // namespace vmtool::model
