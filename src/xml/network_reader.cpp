#include <algorithm>
#include <bit>

#include "util/text.hpp"
#include "xml/document.hpp"
#include "xml/metadata.hpp"
#include "xml/network.hpp"
#include "xml/values.hpp"

namespace vmtool::xml {
namespace {

using model::Network;

model::Forward read_forward(pugi::xml_node node) {
  model::Forward forward;
  if (!node) {
    forward.mode = model::ForwardMode::isolated;
    return forward;
  }
  read_word(forward.mode, node.attribute("mode").value());
  forward.device =
      node.attribute("dev") ? node.attribute("dev").value() : node.child("interface").attribute("dev").value();
  return forward;
}

model::Bridge read_bridge(pugi::xml_node node) {
  model::Bridge bridge;
  bridge.name = node.attribute("name").value();
  bridge.stp = std::string_view(node.attribute("stp").value()) == "on";
  bridge.delay = std::chrono::seconds(read_unsigned(node.attribute("delay").value()).value_or(0));
  return bridge;
}

// libvirt's units; minutes where none is named.
std::optional<std::chrono::milliseconds> read_lease(pugi::xml_node lease) {
  const auto expiry = read_unsigned(lease.attribute("expiry").value());
  if (!expiry) return std::nullopt;
  const std::string_view unit = lease.attribute("unit").as_string("minutes");
  if (unit == "seconds") return std::chrono::seconds(*expiry);
  if (unit == "hours") return std::chrono::hours(*expiry);
  return std::chrono::minutes(*expiry);
}

model::Dhcp read_dhcp(pugi::xml_node node) {
  model::Dhcp dhcp;
  for (const pugi::xml_node child : node.children("range")) {
    const auto start = model::parse_ip(child.attribute("start").value());
    const auto end = model::parse_ip(child.attribute("end").value());
    if (start && end) dhcp.ranges.push_back({*start, *end, read_lease(child.child("lease"))});
  }
  for (const pugi::xml_node child : node.children("host")) {
    const auto address = model::parse_ip(child.attribute("ip").value());
    if (!address) continue;
    dhcp.hosts.push_back({.name = child.attribute("name").value(),
                          .mac = model::parse_mac(child.attribute("mac").value()),
                          .address = *address});
  }
  return dhcp;
}

std::optional<model::NetworkAddress> read_address(pugi::xml_node node) {
  const auto address = model::parse_ip(node.attribute("address").value());
  if (!address) return std::nullopt;
  std::optional<unsigned> length = read_unsigned(node.attribute("prefix").value());
  if (const auto mask = model::parse_ip(node.attribute("netmask").value()); mask && !mask->v6) {
    length = static_cast<unsigned>(std::countl_one(model::ipv4_value(*mask)));
  }
  model::NetworkAddress out;
  // Without either libvirt takes the address's class; /24 and /64 are what anybody means today.
  out.prefix = model::IpPrefix{*address, std::min(length.value_or(address->v6 ? 64 : 24), address->width())};
  if (const pugi::xml_node dhcp = node.child("dhcp")) out.dhcp = read_dhcp(dhcp);
  return out;
}

model::Dns read_dns(pugi::xml_node node) {
  model::Dns dns;
  for (const pugi::xml_node child : node.children("forwarder")) {
    const auto address = model::parse_ip(child.attribute("addr").value());
    if (address) dns.forwarders.push_back({*address, child.attribute("domain").value()});
  }
  for (const pugi::xml_node child : node.children("host")) {
    const auto address = model::parse_ip(child.attribute("ip").value());
    if (!address) continue;
    model::DnsHost host{.address = *address, .hostnames = {}};
    for (const pugi::xml_node name : child.children("hostname")) {
      host.hostnames.emplace_back(util::trim(name.text().get()));
    }
    dns.hosts.push_back(std::move(host));
  }
  return dns;
}

}  // namespace

Network read_network(std::string_view xml) {
  const pugi::xml_document document = parse_root(xml, "network");
  const pugi::xml_node root = document.document_element();
  Network network;
  network.name = root.child("name").text().get();
  network.uuid = util::parse_uuid(root.child("uuid").text().get());
  network.forward = read_forward(root.child("forward"));
  network.bridge = read_bridge(root.child("bridge"));
  network.mac = model::parse_mac(root.child("mac").attribute("address").value());
  network.mtu = read_unsigned(root.child("mtu").attribute("size").value());
  network.domain.name = root.child("domain").attribute("name").value();
  network.domain.local_only = is_yes(root.child("domain").attribute("localOnly").value());
  network.dns = read_dns(root.child("dns"));
  for (const pugi::xml_node node : root.children("ip")) {
    if (auto address = read_address(node)) network.addresses.push_back(std::move(*address));
  }
  network.xml = read_edits(find_metadata(root, "vmtool:network"));
  return network;
}

}  // namespace vmtool::xml
