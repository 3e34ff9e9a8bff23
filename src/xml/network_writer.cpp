#include <fmt/format.h>

#include "xml/document.hpp"
#include "xml/edits.hpp"
#include "xml/metadata.hpp"
#include "xml/network.hpp"
#include "xml/values.hpp"

namespace vmtool::xml {
namespace {

using model::ForwardMode;
using model::Network;

long long seconds(std::chrono::milliseconds time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

void write_forward(pugi::xml_node root, const model::Forward& forward) {
  if (forward.mode == ForwardMode::isolated) return;
  pugi::xml_node node = append(root, "forward");
  set(node, "mode", model::to_text(forward.mode));
  if (!forward.device.empty()) set(node, "dev", forward.device);
  if (forward.mode == ForwardMode::nat) {
    // libvirt fills these in; a merge can only take back what was written.
    pugi::xml_node port = append(append(node, "nat"), "port");
    set(port, "start", "1024");
    set(port, "end", "65535");
  }
  if (!forward.device.empty()) set(append(node, "interface"), "dev", forward.device);
}

void write_bridge(pugi::xml_node root, const Network& network) {
  const model::Bridge& bridge = network.bridge;
  if (bridge.name.empty()) remark(root, "bridge: the first free virbrN, chosen when the network is defined");
  // A bridge of the host's own, to which libvirt only plugs guests, has no settings here.
  const bool is_foreign = network.forward.mode == ForwardMode::bridge;
  if (is_foreign && bridge.name.empty()) return;
  pugi::xml_node node = append(root, "bridge");
  if (!bridge.name.empty()) set(node, "name", bridge.name);
  if (is_foreign) return;
  set(node, "stp", bridge.stp ? "on" : "off");
  set(node, "delay", fmt::format("{}", seconds(bridge.delay)));
}

void fill_dhcp_host(pugi::xml_node node, const model::DhcpHost& host) {
  if (host.mac) set(node, "mac", model::to_text(*host.mac));
  if (!host.name.empty()) set(node, "name", host.name);
  set(node, "ip", model::to_text(host.address));
}

void fill_dns_host(pugi::xml_node node, const model::DnsHost& host) {
  set(node, "ip", model::to_text(host.address));
  for (const std::string& name : host.hostnames) append(node, "hostname", name);
}

void write_dns(pugi::xml_node root, const model::Dns& dns) {
  if (dns == model::Dns{}) return;
  pugi::xml_node node = append(root, "dns");
  for (const model::DnsForwarder& forwarder : dns.forwarders) {
    pugi::xml_node child = append(node, "forwarder");
    if (!forwarder.domain.empty()) set(child, "domain", forwarder.domain);
    set(child, "addr", model::to_text(forwarder.address));
  }
  for (const model::DnsHost& host : dns.hosts) fill_dns_host(append(node, "host"), host);
}

void write_dhcp(pugi::xml_node ip, const model::Dhcp& dhcp) {
  pugi::xml_node node = append(ip, "dhcp");
  for (const model::DhcpRange& range : dhcp.ranges) {
    pugi::xml_node child = append(node, "range");
    set(child, "start", model::to_text(range.start));
    set(child, "end", model::to_text(range.end));
    if (!range.lease_time) continue;
    pugi::xml_node lease = append(child, "lease");
    set(lease, "expiry", fmt::format("{}", seconds(*range.lease_time)));
    set(lease, "unit", "seconds");
  }
  for (const model::DhcpHost& host : dhcp.hosts) fill_dhcp_host(append(node, "host"), host);
}

void write_address(pugi::xml_node root, const model::NetworkAddress& address) {
  if (!address.prefix) {
    remark(root, "address: the first free private /24, chosen when the network is defined");
    return;
  }
  const model::IpPrefix& prefix = *address.prefix;
  pugi::xml_node node = append(root, "ip");
  if (prefix.address.v6) set(node, "family", "ipv6");
  set(node, "address", model::to_text(prefix.address));
  if (prefix.address.v6) {
    set(node, "prefix", fmt::format("{}", prefix.length));
  } else {
    const std::uint32_t mask = prefix.length == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix.length);
    set(node, "netmask", model::to_text(model::ipv4(mask)));
  }
  if (address.dhcp) write_dhcp(node, *address.dhcp);
}

std::string write(const Network& network, Missing missing) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("network");
  append(root, "name", network.name);
  if (network.uuid) {
    append(root, "uuid", util::to_text(*network.uuid));
  } else {
    remark(root, "uuid: derived from the host when the network is defined");
  }
  if (!network.xml.empty()) write_edits(append_metadata(root, "vmtool:network"), network.xml);
  write_forward(root, network.forward);
  write_bridge(root, network);
  if (network.mtu) set(append(root, "mtu"), "size", fmt::format("{}", *network.mtu));
  if (network.mac) set(append(root, "mac"), "address", model::to_text(*network.mac));
  if (!network.domain.name.empty()) {
    pugi::xml_node domain = append(root, "domain");
    set(domain, "name", network.domain.name);
    set(domain, "localOnly", yes_no(network.domain.local_only));
  }
  write_dns(root, network.dns);
  for (const model::NetworkAddress& address : network.addresses) write_address(root, address);
  apply_edits(root, network.xml, missing);
  return serialize(root);
}

}  // namespace

std::string write_network(const Network& network) { return write(network, Missing::refuse); }

std::string rewrite_network(std::string_view existing) { return write(read_network(existing), Missing::skip); }

std::string write_dhcp_host(const model::DhcpHost& host) {
  pugi::xml_document document;
  pugi::xml_node node = document.append_child("host");
  fill_dhcp_host(node, host);
  return serialize(node);
}

std::string write_dns_host(const model::DnsHost& host) {
  pugi::xml_document document;
  pugi::xml_node node = document.append_child("host");
  fill_dns_host(node, host);
  return serialize(node);
}

}  // namespace vmtool::xml
