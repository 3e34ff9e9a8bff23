#include <gmock/gmock.h>

#include "tests/support/bundle.hpp"
#include "tests/support/require.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;

TEST(Limits, MemoryBeyondTheLimitIsAnOutOfMemoryKillThatIsNamed) {
  VMTOOL_NEEDS("cell");
  Bundle bundle;
  bundle.config["linux"]["resources"]["memory"] = {{"limit", 20 << 20}};
  const auto small = bundle.script("head -c 5000000 /dev/zero | tail -c 4000000 | wc -c").run();
  EXPECT_EQ(small.out, "4000000\n") << small.err;
  const auto result = bundle.args({"tail", "-c", "60000000", "/dev/zero"}).run();
  EXPECT_EQ(result.exit_code, 137);
  EXPECT_THAT(result.err, HasSubstr("ran out of memory"));
  EXPECT_THAT(bundle.leftovers(), testing::IsEmpty());
}

TEST(Limits, AForkBombStopsAtTheNumberOfProcesses) {
  VMTOOL_NEEDS("cell");
  Bundle bundle;
  bundle.config["linux"]["resources"]["pids"] = {{"limit", 10}};
  const auto result = bundle.script("for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do sleep 5 & done; echo all").run();
  EXPECT_THAT(result.err, HasSubstr("can't fork"));
  EXPECT_THAT(result.out, testing::Not(HasSubstr("all")));
  bundle.config["linux"]["resources"]["pids"] = {{"limit", 50}};
  EXPECT_EQ(bundle.script("for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do sleep 5 & done; echo all").run().out, "all\n");
}

TEST(Limits, CpuTimeIsThrottled) {
  VMTOOL_NEEDS("cell");
  Bundle bundle;
  bundle.config["linux"]["resources"]["cpu"] = {{"quota", 10000}, {"period", 100000}};
  bundle.config["linux"]["namespaces"].erase(5);
  bundle.mount("/sys/fs/cgroup", "cgroup", "cgroup", {"ro"});
  const std::string path = bundle.cgroup("test");
  const auto result = bundle.script("cat /sys/fs/cgroup/cpu" + path + "/cpu.cfs_quota_us /sys/fs/cgroup" + path + "/cpu.max 2>/dev/null").run();
  EXPECT_THAT(result.out, HasSubstr("10000"));
}

TEST(Limits, ResourceLimitsOfTheProcess) {
  VMTOOL_NEEDS("cell");
  Bundle bundle;
  bundle.config["process"]["rlimits"] = {{{"type", "RLIMIT_NOFILE"}, {"soft", 7}, {"hard", 8}}};
  EXPECT_EQ(bundle.script("ulimit -n; ulimit -Hn").run().out, "7\n8\n");
  bundle.config["process"]["rlimits"] = {{{"type", "RLIMIT_FLIGHT"}, {"soft", 7}, {"hard", 8}}};
  EXPECT_THAT(bundle.run().err, HasSubstr("there is no resource limit 'RLIMIT_FLIGHT'"));
}

}  // namespace
}  // namespace vmtool::tests
