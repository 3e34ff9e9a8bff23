#include "ops/host_subnets.hpp"

#include <gtest/gtest.h>

namespace vmtool::ops {
namespace {

TEST(ParseRoutes, ReadsLittleEndianAndLeavesDefaultRoutesOut) {
  const auto routes = parse_routes(
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
      "eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
      "virbr0\t007AA8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n");
  ASSERT_EQ(routes.size(), 1u);
  EXPECT_EQ(model::to_text(routes[0].prefix), "192.168.122.0/24");
  EXPECT_EQ(routes[0].owner, "the route through 'virbr0'");
  EXPECT_EQ(routes[0].interface, "virbr0");
}

TEST(ParseRoutes, PassesOverLinesThatAreNone) { EXPECT_TRUE(parse_routes("heading\nnonsense\n\n").empty()); }

TEST(HostInterfaces, KnowTheLoopback) { EXPECT_TRUE(host_interfaces().contains("lo")); }

}  // namespace
}  // namespace vmtool::ops
