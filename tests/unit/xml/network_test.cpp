#include "xml/network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/xml/samples.hpp"
#include "tests/unit/xml/text.hpp"

namespace vmtool::xml {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Network, ReadsLibvirtsOwnDefault) {
  const model::Network network = read_network(
      "<network connections='1'><name>default</name><forward mode='nat'/><bridge name='virbr0' stp='on' delay='0'/>"
      "<ip address='192.168.122.1' netmask='255.255.255.0'><dhcp>"
      "<range start='192.168.122.2' end='192.168.122.254'><lease expiry='90'/></range></dhcp></ip></network>");
  EXPECT_EQ(network.forward.mode, model::ForwardMode::nat);
  EXPECT_EQ(network.bridge.name, "virbr0");
  EXPECT_EQ(to_text(*network.addresses.at(0).prefix), "192.168.122.1/24");
  EXPECT_EQ(network.addresses[0].dhcp->ranges.at(0).lease_time, std::chrono::minutes(90));
}

TEST(Network, UnknownContentIsLeftOut) {
  const model::Network network = read_network(
      "<network><name>odd</name><forward mode='hostdev'/><bridge delay='x'/><mtu size='big'/>"
      "<ip address='nowhere'/><ip address='10.0.0.1' netmask='wide'/><ip family='ipv6' address='fd00::1' prefix='999'/>"
      "<dns><forwarder domain='only.example'/><host ip='?'/></dns></network>");
  EXPECT_EQ(network.addresses.size(), 2u);
  EXPECT_EQ(to_text(*network.addresses[0].prefix), "10.0.0.1/24");
  EXPECT_EQ(to_text(*network.addresses[1].prefix), "fd00::1/128");
  EXPECT_EQ(network.mtu, std::nullopt);
  EXPECT_EQ(network.dns, model::Dns{});
}

TEST(Network, NetmasksOfEveryLength) {
  for (unsigned length = 0; length <= 32; ++length) {
    model::Network network = tests::network();
    network.addresses[0].prefix->length = length;
    EXPECT_EQ(read_network(write_network(network)), network) << length;
  }
}

TEST(Network, WhatIsOpenIsLeftOutAndMarked) {
  model::Network network = tests::network();
  network.bridge.name.clear();
  network.addresses[0].prefix = std::nullopt;
  const std::string text = write_network(network);
  EXPECT_THAT(text, HasSubstr("<bridge stp='off' delay='0'/>"));
  EXPECT_THAT(text, HasSubstr("<!-- bridge: "));
  EXPECT_THAT(text, HasSubstr("<!-- address: "));
  EXPECT_THAT(text, Not(HasSubstr("<ip ")));
}

TEST(Network, ElementsOfALiveUpdate) {
  EXPECT_EQ(write_dhcp_host({"a<b", model::parse_mac("52:54:00:00:00:07"), *model::parse_ip("10.0.0.7")}),
            "<host mac='52:54:00:00:00:07' name='a&lt;b' ip='10.0.0.7'/>\n");
  EXPECT_EQ(write_dns_host({*model::parse_ip("fd00::7"), {"a", "b"}}),
            "<host ip='fd00::7'>\n  <hostname>a</hostname>\n  <hostname>b</hostname>\n</host>\n");
}

TEST(Network, BrokenXmlIsInvalidInput) {
  for (const char* text : {"", "<network>", "<domain/>"}) {
    EXPECT_EQ(tests::error_of([&] { read_network(text); }).kind(), util::Errc::invalid_input) << text;
  }
}

}  // namespace
}  // namespace vmtool::xml
