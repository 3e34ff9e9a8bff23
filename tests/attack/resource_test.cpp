// What runs out: descriptors, processes, memory; and lengths that overflow their field.
#include <gmock/gmock.h>
#include <linux/rtnetlink.h>

#include "isolation/netlink.hpp"
#include "tests/support/bundle.hpp"
#include "tests/support/require.hpp"
#include "util/error.hpp"

namespace vmtool::tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(AttackResource, DescriptorsRunOutInsideOnly) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  bundle.config["process"]["rlimits"] = {{{"type", "RLIMIT_NOFILE"}, {"soft", 64}, {"hard", 64}}};
  // A shell that can open no more ends; what it opened is counted from outside.
  bundle.script("n=3; while [ $n -lt 900 ]; do eval \"exec $n< /proc/self/status\"; echo $n; n=$((n+1)); done");
  const auto limited = bundle.run();
  EXPECT_THAT(limited.out, HasSubstr("50\n"));
  EXPECT_THAT(limited.out, testing::Not(HasSubstr("64\n"))) << limited.err;
  bundle.config["process"].erase("rlimits");
  EXPECT_THAT(bundle.run().out, HasSubstr("64\n")) << "without the limit the same goes on";
  EXPECT_THAT(bundle.leftovers(), IsEmpty());
}

TEST(AttackResource, AForkBombAndAMemoryBombEndInTheContainer) {
  VMTOOL_NEEDS("cell");
  Bundle bundle;
  bundle.config["linux"]["resources"] = {{"pids", {{"limit", 20}}}, {"memory", {{"limit", 30 << 20}}}};
  // The bomb is bounded, so that the attack without the limit is no danger either.
  bundle.script("b() { [ $1 -gt 0 ] || return; b $(($1-1)) & b $(($1-1)) & wait; }; b 6; echo survived");
  const auto bomb = bundle.run();
  EXPECT_THAT(bomb.err, HasSubstr("can't fork"));
  bundle.config["linux"]["resources"].erase("pids");
  EXPECT_EQ(bundle.run().out, "survived\n");
  EXPECT_EQ(bundle.args({"tail", "-c", "60000000", "/dev/zero"}).run().exit_code, 137);
  // Pages of a tmpfs count as well.
  const auto shm = bundle.script("dd if=/dev/zero of=/dev/shm/x bs=1M count=60").run();
  EXPECT_NE(shm.exit_code, 0);
  EXPECT_THAT(bundle.leftovers(), IsEmpty());
}

TEST(AttackResource, CVE_2021_43784_LengthsBeyondTheirFieldAreRefused) {
  VMTOOL_NEEDS("root");
  const ifinfomsg link{};
  const std::string longest(65535 - sizeof(rtattr) - 1, 'x');
  EXPECT_GT(isolation::NetlinkBuilder(RTM_NEWLINK, 0, &link, sizeof link).text(IFLA_IFNAME, longest).take().size(),
            longest.size());
  EXPECT_THROW(isolation::NetlinkBuilder(RTM_NEWLINK, 0, &link, sizeof link).text(IFLA_IFNAME, longest + "x"),
               util::Error);
  isolation::NetlinkBuilder nested(RTM_NEWLINK, 0, &link, sizeof link);
  nested.open(IFLA_LINKINFO).text(IFLA_IFNAME, longest).text(IFLA_IFNAME, "y");
  EXPECT_THROW(nested.close(), util::Error);
  for (const char* member : {"name", "bridge", "hostName"}) {
    Bundle bundle;
    json interface {
      { "name", "eth0" }
    };
    interface[member] = std::string(65536 + 5, 'x');
    bundle.config["annotations"]["org.vmtool.interfaces"] = json::array({interface}).dump();
    const auto result = bundle.run();
    EXPECT_EQ(result.exit_code, 125) << member;
    EXPECT_THAT(result.err, HasSubstr("is no interface name")) << member;
    EXPECT_THAT(bundle.leftovers(), IsEmpty());
  }
}

}  // namespace
}  // namespace vmtool::tests
