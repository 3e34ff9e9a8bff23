#include "tests/golden/xml/cases.hpp"

namespace vmtool::tests {
namespace {

using model::Network;
using Networks = std::vector<Case<Network>>;

model::NetworkAddress address(const char* prefix) {
  model::NetworkAddress out;
  out.prefix = model::parse_prefix(prefix);
  return out;
}

model::IpAddress ip(const char* text) { return model::parse_ip(text).value(); }

Network network(const std::string& name) {
  Network out;
  out.name = "xmlt-" + name;
  out.uuid = util::derived_uuid({}, "network " + name);
  out.mac = model::MacAddress{{0x52, 0x54, 0x00, 0xab, 0xcd, 0x01}};
  out.bridge.name = "virbr77";
  out.addresses = {address("192.168.140.1/24")};
  return out;
}

template <class Change>
void add(Networks& cases, const std::string& name, Change change) {
  Network out = network(name);
  change(out);
  cases.push_back({name, std::move(out)});
}

void add_modes(Networks& cases) {
  add(cases, "nat", [](Network&) {});
  add(cases, "nat-device", [](Network& n) { n.forward.device = "eth0"; });
  add(cases, "route", [](Network& n) { n.forward = {model::ForwardMode::route, "eth1"}; });
  add(cases, "open", [](Network& n) { n.forward.mode = model::ForwardMode::open; });
  add(cases, "isolated", [](Network& n) { n.forward.mode = model::ForwardMode::isolated; });
  add(cases, "bridge", [](Network& n) {
    n.forward.mode = model::ForwardMode::bridge;
    n.bridge.name = "br0";
    n.mac = std::nullopt;
    n.addresses.clear();
  });
  add(cases, "bridge-settings", [](Network& n) {
    n.bridge.stp = true;
    n.bridge.delay = std::chrono::seconds(4);
    n.mtu = 9000;
    n.autostart = true;
  });
}

void add_addresses(Networks& cases) {
  add(cases, "dhcp", [](Network& n) {
    n.addresses[0].dhcp = model::Dhcp{
        .ranges = {{ip("192.168.140.100"), ip("192.168.140.149"), std::nullopt},
                   {ip("192.168.140.150"), ip("192.168.140.199"), std::chrono::hours(2)}},
        .hosts = {{"printer", model::parse_mac("52:54:00:00:00:07"), ip("192.168.140.7")},
                  {"", model::parse_mac("52:54:00:00:00:08"), ip("192.168.140.8")},
                  {"named", std::nullopt, ip("192.168.140.9")}},
    };
  });
  add(cases, "addresses", [](Network& n) {
    n.addresses.push_back(address("10.9.0.1/20"));
    n.addresses.push_back(address("fd12:3456:789a:1::1/64"));
  });
  add(cases, "dhcp-v6", [](Network& n) {
    n.addresses = {address("fd12:3456:789a:2::1/64")};
    n.addresses[0].dhcp =
        model::Dhcp{.ranges = {{ip("fd12:3456:789a:2::100"), ip("fd12:3456:789a:2::1ff"), std::nullopt}}, .hosts = {}};
  });
}

void add_names(Networks& cases) {
  add(cases, "domain", [](Network& n) { n.domain = {"lab.internal", false}; });
  add(cases, "domain-local", [](Network& n) { n.domain = {"lab.internal", true}; });
  add(cases, "dns", [](Network& n) {
    n.dns.forwarders = {{ip("9.9.9.9"), ""}, {ip("10.0.0.1"), "corp.example"}, {ip("fd00::53"), ""}};
    n.dns.hosts = {{ip("192.168.140.1"), {"gw", "gateway.lab.internal"}}, {ip("192.168.140.2"), {"second"}}};
  });
  add(cases, "xml-edits", [](Network& n) {
    n.xml = {{.xpath = "./bridge/@stp", .set = "off", .add = {}, .remove = false},
             {.xpath = ".", .set = {}, .add = "<portgroup name='slow'/>", .remove = false}};
  });
}

}  // namespace

Networks network_cases() {
  Networks cases;
  add_modes(cases);
  add_addresses(cases);
  add_names(cases);
  Network open = network("rendered");
  open.uuid = std::nullopt;
  open.mac = std::nullopt;
  open.bridge.name.clear();
  open.addresses = {model::NetworkAddress{}};
  cases.push_back({"rendered", std::move(open), Stage::rendered});
  return cases;
}

model::Network as_read(model::Network network) {
  network.autostart = false;
  // An address that is still open has no element.
  std::erase_if(network.addresses, [](const model::NetworkAddress& each) { return !each.prefix; });
  return network;
}

}  // namespace vmtool::tests
