#include <gmock/gmock.h>

#include <fstream>

#include "tests/support/bundle.hpp"
#include "tests/support/require.hpp"

namespace vmtool::tests {
namespace {

using nlohmann::json;
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
  EXPECT_EQ(bundle.script("for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do sleep 5 & done; echo all").run().out,
            "all\n");
}

TEST(Limits, CpuTimeIsThrottled) {
  VMTOOL_NEEDS("cell");
  Bundle bundle;
  bundle.config["linux"]["resources"]["cpu"] = {{"quota", 10000}, {"period", 100000}};
  bundle.config["linux"]["namespaces"].erase(5);
  bundle.mount("/sys/fs/cgroup", "cgroup", "cgroup", {"ro"});
  const std::string path = bundle.cgroup("test");
  const auto result =
      bundle
          .script("cat /sys/fs/cgroup/cpu" + path + "/cpu.cfs_quota_us /sys/fs/cgroup" + path + "/cpu.max 2>/dev/null")
          .run();
  EXPECT_THAT(result.out, HasSubstr("10000"));
}

/// Where a v1 hierarchy shows a container's limit; empty where the controller is not in v1 here.
std::string v1_limit(const Bundle& bundle, const std::string& controller, const std::string& file) {
  const std::string path = "/sys/fs/cgroup/" + controller + bundle.cgroup("test") + "/" + file;
  if (!std::filesystem::exists("/sys/fs/cgroup/" + controller)) return "";
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Limits, ASetOfCpusHoldsItsProcesses) {
  VMTOOL_NEEDS("cell");
  Bundle bundle;
  bundle.config["linux"]["resources"]["cpu"] = {{"cpus", "0"}, {"mems", "0"}};
  EXPECT_EQ(bundle.script("grep Cpus_allowed_list /proc/self/status").run().out, "Cpus_allowed_list:\t0\n");
  bundle.config["linux"]["resources"]["cpu"] = {{"cpus", "4000"}};
  const auto refused = bundle.run();
  EXPECT_EQ(refused.exit_code, 125);
  EXPECT_THAT(refused.err, HasSubstr("cgroup controller 'cpuset' can't set 'cpuset.cpus' to '4000'"));
  EXPECT_THAT(bundle.leftovers(), testing::IsEmpty());
}

TEST(Limits, MemoryAndSwapTogether) {
  VMTOOL_NEEDS("cell");
  Bundle bundle;
  bundle.config["linux"]["resources"]["memory"] = {{"limit", 20 << 20}, {"swap", 30 << 20}};
  ASSERT_EQ(bundle.args({"sleep", "60"}).start().exit_code, 0);
  EXPECT_EQ(v1_limit(bundle, "memory", "memory.limit_in_bytes"), std::to_string(20 << 20) + "\n");
  EXPECT_EQ(v1_limit(bundle, "memory", "memory.memsw.limit_in_bytes"), std::to_string(30 << 20) + "\n");
  bundle.config["linux"]["resources"]["memory"] = {{"limit", 20 << 20}, {"swap", 10 << 20}};
  EXPECT_THAT(bundle.run("second").err, HasSubstr("the limit of memory and swap is below that of memory"));
}

TEST(Limits, BlockDevicesAreThrottled) {
  VMTOOL_NEEDS("cell");
  Bundle bundle;
  // A whole disk that is there: a throttle of one that is not is refused below.
  std::string disk;
  for (const auto& entry : std::filesystem::directory_iterator("/sys/block")) {
    std::ifstream(entry.path() / "dev") >> disk;
    if (entry.path().filename().native().starts_with("vd") || entry.path().filename().native().starts_with("sd")) break;
  }
  ASSERT_NE(disk, "");
  const auto colon = disk.find(':');
  const json throttle = {
      {{"major", std::stoi(disk.substr(0, colon))}, {"minor", std::stoi(disk.substr(colon + 1))}, {"rate", 1048576}}};
  bundle.config["linux"]["resources"]["blockIO"] = {{"throttleReadBpsDevice", throttle},
                                                    {"throttleWriteIOPSDevice", throttle}};
  ASSERT_EQ(bundle.args({"sleep", "60"}).start().exit_code, 0) << bundle.log();
  EXPECT_EQ(v1_limit(bundle, "blkio", "blkio.throttle.read_bps_device"), disk + " 1048576\n");
  EXPECT_EQ(v1_limit(bundle, "blkio", "blkio.throttle.write_iops_device"), disk + " 1048576\n");
  bundle.config["linux"]["resources"]["blockIO"] = {
      {"throttleReadBpsDevice", {{{"major", 4095}, {"minor", 1}, {"rate", 1}}}}};
  EXPECT_THAT(bundle.run("second").err,
              HasSubstr("cgroup controller 'blkio' can't set 'blkio.throttle.read_bps_device' to '4095:1 1'"));
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
