#include "isolation/cgroup_plan.hpp"

#include <gmock/gmock.h>

#include "util/error.hpp"

namespace vmtool::isolation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

CgroupLayout hybrid() {
  return {"/cg/unified",
          {"hugetlb"},
          {{"memory", "/cg/memory"}, {"cpu", "/cg/cpu"}, {"pids", "/cg/pids"}, {"devices", "/cg/devices"}}};
}
CgroupLayout pure_v2() { return {"/cg", {"memory", "cpu", "pids", "io", "cpuset"}, {}}; }

std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const util::Error& error) {
    return error.message();
  }
  return "nothing was thrown";
}

TEST(CgroupPath, LiesBelowOurOwnDirectoryUnlessItIsAbsolute) {
  EXPECT_EQ(cgroup_path("", "web"), "/vmtool/web");
  EXPECT_EQ(cgroup_path("a/b", "web"), "/vmtool/a/b");
  EXPECT_EQ(cgroup_path("/pods//x/./y", "web"), "/pods/x/y");
  EXPECT_EQ(cgroup_path("user-1000.slice:libpod:abc", "web"), "/user.slice/user-1000.slice/libpod-abc.scope");
  EXPECT_EQ(cgroup_path(":run:abc", "web"), "/system.slice/run-abc.scope");
}

TEST(CgroupPath, RefusesToClimbAndToBeTheRoot) {
  EXPECT_THROW(cgroup_path("../..", "web"), util::Error);
  EXPECT_THROW(cgroup_path("/a/../../b", "web"), util::Error);
  EXPECT_THROW(cgroup_path("/", "web"), util::Error);
  EXPECT_THROW(cgroup_path("a.slice:../..:x", "web"), util::Error);
  EXPECT_THROW(cgroup_path("../..:a:x", "web"), util::Error);
  EXPECT_THROW(cgroup_path("..:a:x", "web"), util::Error);
}

TEST(PlanCgroup, WritesEachLimitWhereItsControllerLives) {
  Resources limits;
  limits.memory_limit = 100 << 20;
  limits.memory_swap = 150 << 20;
  limits.pids_limit = 64;
  limits.cpu_quota = 50'000;
  limits.cpu_period = 100'000;
  const CgroupPlan v1 = plan_cgroup(hybrid(), "/vmtool/web", limits);
  ASSERT_EQ(v1.directories.size(), 4u);
  EXPECT_TRUE(v1.directories[0].is_unified());
  EXPECT_EQ(v1.directories[1].path, "/cg/memory/vmtool/web");
  EXPECT_THAT(v1.directories[1].writes, ElementsAre(CgroupWrite{"memory.limit_in_bytes", "104857600"},
                                                    CgroupWrite{"memory.memsw.limit_in_bytes", "157286400"}));
  EXPECT_THAT(v1.directories[3].writes,
              ElementsAre(CgroupWrite{"cpu.cfs_period_us", "100000"}, CgroupWrite{"cpu.cfs_quota_us", "50000"}));

  const CgroupPlan v2 = plan_cgroup(pure_v2(), "/vmtool/web", limits);
  ASSERT_EQ(v2.directories.size(), 1u);
  // v2 counts swap alone.
  EXPECT_THAT(v2.directories[0].writes,
              ElementsAre(CgroupWrite{"memory.max", "104857600"}, CgroupWrite{"memory.swap.max", "52428800"},
                          CgroupWrite{"cpu.max", "50000 100000"}, CgroupWrite{"pids.max", "64"}));
  EXPECT_THAT(v2.directories[0].enable, ElementsAre("memory", "cpu", "pids"));
}

TEST(PlanCgroup, ConvertsSharesToTheScaleOfVersion2) {
  for (const auto& [shares, weight] :
       {std::pair<std::uint64_t, const char*>{2, "1"}, {1024, "39"}, {262144, "10000"}}) {
    Resources limits;
    limits.cpu_shares = shares;
    EXPECT_THAT(plan_cgroup(pure_v2(), "/x", limits).directories[0].writes,
                ElementsAre(CgroupWrite{"cpu.weight", weight}));
  }
}

TEST(PlanCgroup, NamesTheControllerThatIsMissing) {
  Resources limits;
  limits.cpu_cpus = "0";
  EXPECT_THAT(message_of([&] { plan_cgroup(hybrid(), "/x", limits); }),
              HasSubstr("controller 'cpuset' is neither in the v2 tree nor mounted as v1"));
  Resources unified;
  unified.unified = {{"memory.high", "1000000"}};
  EXPECT_THAT(message_of([&] { plan_cgroup(hybrid(), "/x", unified); }),
              HasSubstr("controller 'memory' is not in the v2 tree"));
  Resources swappiness;
  swappiness.memory_swappiness = 10;
  EXPECT_THAT(message_of([&] { plan_cgroup(pure_v2(), "/x", swappiness); }),
              HasSubstr("cgroup v2 has no such setting"));
}

TEST(PlanCgroup, RefusesAFileThatIsAPath) {
  Resources limits;
  limits.unified = {{"memory/../../x", "1"}};
  EXPECT_THROW(plan_cgroup(pure_v2(), "/x", limits), util::Error);
}

TEST(CheckResources, RefusesWhatIsBelowTheMinimum) {
  Resources memory;
  memory.memory_limit = 4096;
  EXPECT_THAT(message_of([&] { check_resources(memory); }), HasSubstr("below the minimum"));
  Resources quota;
  quota.cpu_quota = 10;
  EXPECT_THROW(check_resources(quota), util::Error);
  Resources swap;
  swap.memory_limit = 1 << 30;
  swap.memory_swap = 1 << 20;
  EXPECT_THROW(check_resources(swap), util::Error);
  Resources unlimited;
  unlimited.memory_limit = -1;
  EXPECT_NO_THROW(check_resources(unlimited));
}

}  // namespace
}  // namespace vmtool::isolation
