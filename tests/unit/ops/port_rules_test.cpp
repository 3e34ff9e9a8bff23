#include "ops/port_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ops/container_network.hpp"

namespace vmtool::ops {
namespace {

using testing::HasSubstr;

TEST(PortRules, NameTheirContainer) {
  const std::string script = publish_script("web", "virbr9", *model::parse_ip("10.1.2.3"),
                                            {{5353, 53, model::PortProtocol::udp, model::parse_ip("127.0.0.1")}});
  EXPECT_THAT(script, HasSubstr("add rule ip vmtool output ip daddr 127.0.0.1 udp dport 5353 dnat to 10.1.2.3:53 "
                                "comment \"web udp 127.0.0.1:5353\"\n"));
  EXPECT_THAT(script, HasSubstr("ip saddr 127.0.0.0/8 ip daddr 10.1.2.3 udp dport 53 masquerade"));
  EXPECT_THAT(script, HasSubstr("guard iifname \"virbr9\" ip daddr 127.0.0.0/8 drop"));
}

TEST(PortRules, AreFoundInWhatNftPrints) {
  const auto rules = parse_port_rules(
      "table ip vmtool { # handle 7\n\tchain output { # handle 3\n\t\ttype nat hook output priority -100; policy "
      "accept;\n"
      "\t\tfib daddr type local tcp dport 8080 dnat to 10.1.2.3:80 comment \"web tcp *:8080\" # handle 12\n"
      "\t\ttcp dport 1 accept comment \"somebody else's\" # handle 13\n\t}\n}\n");
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(rules[0].chain, "output");
  EXPECT_EQ(rules[0].handle, 12U);
  EXPECT_EQ(rules[0].container, "web");
  EXPECT_EQ(rules[0].host_address, "*");
  EXPECT_EQ(rules[0].host_port, 8080U);
}

TEST(ContainerAddresses, FillTheFilesThatResolveNames) {
  ContainerAddress one{"web",
                       "eth0",
                       "lab",
                       "virbr9",
                       {},
                       *model::parse_prefix("10.1.2.3/24"),
                       model::parse_ip("10.1.2.1"),
                       model::parse_ip("10.1.2.1"),
                       "lab.internal",
                       {}};
  EXPECT_EQ(hosts_file("web", {one}),
            "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n10.1.2.3\tweb.lab.internal web\n");
  EXPECT_EQ(resolver_file({one}), "search lab.internal\nnameserver 10.1.2.1\n");
  EXPECT_EQ(resolver_file({}), "");
  EXPECT_THAT(hosts_file("web", {}), HasSubstr("127.0.1.1\tweb\n"));
}

TEST(ContainerAddresses, SkipRangesReservationsAndTheHost) {
  model::Network network;
  network.addresses.push_back({model::parse_prefix("10.1.2.1/29"),
                               model::Dhcp{{{*model::parse_ip("10.1.2.2"), *model::parse_ip("10.1.2.3"), {}}},
                                           {{"printer", {}, *model::parse_ip("10.1.2.4")}}}});
  const auto nobody = [](const model::IpAddress&) { return false; };
  EXPECT_EQ(first_free_address(network, nobody), model::parse_prefix("10.1.2.5/29"));
  network.dns.hosts.push_back({*model::parse_ip("10.1.2.5"), {"gw"}});
  EXPECT_EQ(first_free_address(network, nobody), model::parse_prefix("10.1.2.6/29"));
  EXPECT_EQ(first_free_address(network,
                               [](const model::IpAddress& address) { return address == model::parse_ip("10.1.2.6"); }),
            std::nullopt)
      << "the last is the broadcast address";
}

}  // namespace
}  // namespace vmtool::ops
