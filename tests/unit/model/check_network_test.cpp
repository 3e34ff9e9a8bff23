#include "tests/unit/model/check_support.hpp"

namespace vmtool::model {
namespace {

using namespace std::chrono_literals;
using Net = Spoiled<Network>;

class NetworkRule : public testing::TestWithParam<Net> {};

TEST_P(NetworkRule, IsFoundWhereItIsBroken) {
  Network network = good_network();
  GetParam().spoil(network);
  EXPECT_EQ(shown(check(network)), GetParam().findings);
}

NetworkAddress subnet(const char* text) { return {prefix(text), std::nullopt}; }

INSTANTIATE_TEST_SUITE_P(
    Frame, NetworkRule,
    testing::Values(
        Net{[](auto&) {}, {}},
        Net{[](auto& n) { n.name = "a b"; },
            {"name: the name 'a b' has the character ' '; letters, digits and . _ + - are allowed"}},
        Net{[](auto& n) { n.bridge.name = "a-bridge-too-long"; },
            {"bridge.name: the device name 'a-bridge-too-long' has 17 bytes, at most 15 are allowed"}},
        Net{[](auto& n) { n.bridge.delay = 1500ms; }, {"bridge.delay: the bridge's delay must be whole seconds"}},
        Net{[](auto& n) { n.mtu = 65536; }, {"mtu: an MTU of 65536 is out of range"}},
        Net{[](auto& n) { n.addresses.clear(); }, {"addresses: forward mode nat needs an address"}},
        Net{[](auto& n) {
              n.addresses.clear();
              n.forward.mode = ForwardMode::isolated;
            },
            {}},
        Net{[](auto& n) {
              n.forward.mode = ForwardMode::open;
              n.forward.device = "eth0";
            },
            {"forward.device: forward mode open has no device"}},
        Net{[](auto& n) { n.forward.mode = ForwardMode::bridge; },
            {"forward.mode: forward mode bridge needs a bridge of the host",
             "addresses: a network with forward mode bridge has no 'addresses': the host's network has its own"}},
        Net{[](auto& n) {
              n.forward.mode = ForwardMode::bridge;
              n.bridge.name = "br0";
              n.addresses.clear();
            },
            {}},
        Net{[](auto& n) { n.domain.name = "-lab"; }, {"domain.name: '-lab' is not a DNS name"}},
        Net{[](auto& n) { n.domain.local_only = true; }, {"domain.localOnly: a local domain needs a name"}},
        Net{[](auto& n) {
              n.dns.forwarders = {{ip("9.9.9.9"), "a..b"}};
            },
            {"dns.forwarders[0].domain: 'a..b' is not a DNS name"}},
        Net{[](auto& n) {
              n.dns.hosts = {{ip("10.0.0.1"), {}}};
            },
            {"dns.hosts[0].hostnames: a DNS host needs at least one name"}},
        Net{[](auto& n) {
              n.dns.hosts = {{ip("10.0.0.1"), {"gw", "g_w"}}};
            },
            {"dns.hosts[0].hostnames[1]: 'g_w' is not a DNS name"}}));

INSTANTIATE_TEST_SUITE_P(
    Subnets, NetworkRule,
    testing::Values(Net{[](auto& n) { n.addresses.push_back(subnet("10.1.0.1/31")); },
                        {"addresses[1].address: the prefix length of '10.1.0.1/31' is out of range"}},
                    Net{[](auto& n) { n.addresses.push_back(subnet("10.1.0.0/24")); },
                        {"addresses[1].address: '10.1.0.0/24' is the address of the network itself"}},
                    Net{[](auto& n) { n.addresses.push_back(subnet("10.1.0.255/24")); },
                        {"addresses[1].address: '10.1.0.255/24' is the network's broadcast address"}},
                    Net{[](auto& n) { n.addresses.push_back(subnet("224.0.0.1/24")); },
                        {"addresses[1].address: '224.0.0.1/24' can't be a host's address"}},
                    Net{[](auto& n) { n.addresses.push_back(subnet("10.0.0.129/25")); },
                        {"addresses[1].address: the subnet of '10.0.0.129/25' overlaps that of '10.0.0.1/24'"}},
                    Net{[](auto& n) { n.addresses.push_back(subnet("fd00::1/64")); }, {}},
                    Net{[](auto& n) {
                          n.addresses.push_back(subnet("10.1.0.1/24"));
                          n.addresses[1].dhcp.emplace();
                        },
                        {"addresses[1].dhcp: a network has DHCP on one IPv4 address at most"}},
                    Net{[](auto& n) {
                          n.addresses.push_back(subnet("fd00::1/48"));
                          n.addresses[1].dhcp.emplace();
                        },
                        {"addresses[1].address: the prefix length of 'fd00::1/48' is out of range"}},
                    Net{[](auto& n) { n.addresses[0].prefix.reset(); },
                        {"addresses[0].dhcp.ranges: ranges need a subnet that is known",
                         "addresses[0].dhcp.hosts: reservations need a subnet that is known"}}));

void set_range(Network& network, const char* start, const char* end) {
  network.addresses[0].dhcp->ranges[0] = {ip(start), ip(end), std::nullopt};
}

INSTANTIATE_TEST_SUITE_P(
    Dhcp, NetworkRule,
    testing::Values(
        Net{[](auto& n) { set_range(n, "10.0.1.2", "10.0.0.9"); },
            {"addresses[0].dhcp.ranges[0].start: '10.0.1.2' is not in the subnet of '10.0.0.1/24'"}},
        Net{[](auto& n) { set_range(n, "fd00::2", "10.0.0.9"); },
            {"addresses[0].dhcp.ranges[0].start: 'fd00::2' is not in the subnet of '10.0.0.1/24'"}},
        Net{[](auto& n) { set_range(n, "10.0.0.0", "10.0.0.255"); },
            {"addresses[0].dhcp.ranges[0].start: '10.0.0.0' is the address of the network itself",
             "addresses[0].dhcp.ranges[0].end: '10.0.0.255' is the network's broadcast address"}},
        Net{[](auto& n) { set_range(n, "10.0.0.9", "10.0.0.8"); },
            {"addresses[0].dhcp.ranges[0].end: the range ends at '10.0.0.8' before it starts at '10.0.0.9'"}},
        Net{[](auto& n) { set_range(n, "10.0.0.1", "10.0.0.8"); },
            {"addresses[0].dhcp.ranges[0]: the range has the host's own address '10.0.0.1'"}},
        Net{[](auto& n) { n.addresses[0].dhcp->ranges[0].lease_time = 119s; },
            {"addresses[0].dhcp.ranges[0].leaseTime: a lease time of 119s is not whole seconds from 120s"}},
        Net{[](auto& n) { n.addresses[0].dhcp->ranges[0].lease_time = 120'500ms; },
            {"addresses[0].dhcp.ranges[0].leaseTime: a lease time of 120500ms is not whole seconds from 120s"}},
        Net{[](auto& n) {
              n.addresses[0].dhcp->ranges.push_back({ip("10.0.0.50"), ip("10.0.0.100"), std::nullopt});
            },
            {"addresses[0].dhcp.ranges[1]: the range overlaps another one"}},
        Net{[](auto& n) {
              n.addresses[0].dhcp->ranges.push_back({ip("10.0.0.50"), ip("10.0.0.99"), std::nullopt});
            },
            {}},
        Net{[](auto& n) { n.addresses[0].dhcp->hosts[0].address = ip("10.0.0.1"); },
            {"addresses[0].dhcp.hosts[0].address: '10.0.0.1' is the host's own address"}},
        Net{[](auto& n) { n.addresses[0].dhcp->hosts.push_back(n.addresses[0].dhcp->hosts[0]); },
            {"addresses[0].dhcp.hosts[1].address: '10.0.0.7' is reserved twice",
             "addresses[0].dhcp.hosts[1].name: the name 'printer' is given twice",
             "addresses[0].dhcp.hosts[1].macAddress: '52:54:00:00:00:07' has two reservations"}},
        Net{[](auto& n) {
              n.addresses[0].dhcp->hosts[0] = {"", std::nullopt, ip("10.0.0.8")};
            },
            {"addresses[0].dhcp.hosts[0]: a reservation needs a MAC address or a name"}},
        Net{[](auto& n) {
              n.addresses.push_back(subnet("fd00::1/64"));
              n.addresses[1].dhcp = Dhcp{{}, {{"a", mac("52:54:00:00:00:08"), ip("fd00::8")}}};
            },
            {"addresses[1].dhcp.hosts[0].macAddress: DHCP for IPv6 does not know MAC addresses"}}));

}  // namespace
}  // namespace vmtool::model
