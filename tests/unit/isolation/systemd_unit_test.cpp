#include "isolation/systemd_unit.hpp"

#include <gmock/gmock.h>

#include "isolation/oom_record.hpp"
#include "util/error.hpp"

namespace vmtool::isolation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(UnitName, IsMadeOfThePathOfTheRuntimeSpec) {
  EXPECT_EQ(unit_name("", "web", "system.slice").unit, "isolate-web.scope");
  EXPECT_EQ(unit_name("", "web", "user.slice").slice, "user.slice");
  EXPECT_EQ(unit_name("machine.slice:libpod:0af", "web", "system.slice").unit, "libpod-0af.scope");
  EXPECT_EQ(unit_name("machine.slice:libpod:0af", "web", "system.slice").slice, "machine.slice");
  EXPECT_EQ(unit_name("::0af", "web", "system.slice").unit, "0af.scope");
}

TEST(UnitName, RefusesWhatIsNoTriple) {
  for (const char* path : {"/a/b", "a/b", "a.slice:b", "a.slice:b:c:d", "a.slice:b:", "a.slice:../..:x",
                           "a.slice:b:x/y", "a.slice:b:x y", "a:b:c", "../..:a:x"}) {
    EXPECT_THROW(unit_name(path, "web", "system.slice"), util::Error) << path;
  }
}

TEST(SlicePath, FollowsTheDashes) {
  EXPECT_EQ(slice_path("system.slice"), "/system.slice");
  EXPECT_EQ(slice_path("a-b-c.slice"), "/a.slice/a-b.slice/a-b-c.slice");
  EXPECT_EQ(slice_path("-.slice"), "");
  for (const char* slice : {"", ".slice", "a", "-a.slice", "a-.slice", "a--b.slice", "a/b.slice", "a..b.slice"})
    EXPECT_THROW(slice_path(slice), util::Error) << slice;
}

TEST(UnitLimits, StandForEveryLimitThatSystemdKnows) {
  Resources r;
  r.memory_limit = 100 << 20;
  r.memory_swap = 100 << 20;
  r.memory_reservation = -1;
  r.cpu_shares = 1024;
  r.cpu_quota = 25'001;
  r.cpu_period = 50'000;
  r.cpu_cpus = "0-2,9";
  r.pids_limit = -1;
  r.block_weight = 1000;
  r.write_bps = {{8, 16, 4096}};
  r.unified = {{"memory.high", "max"}, {"memory.oom.group", "1"}, {"hugetlb.2MB.max", "0"}};
  EXPECT_THAT(unit_limits(r),
              ElementsAre(UnitProperty{"MemoryMax", std::uint64_t{100} << 20}, UnitProperty{"MemoryLow", UINT64_MAX},
                          UnitProperty{"MemorySwapMax", std::uint64_t{0}}, UnitProperty{"CPUWeight", std::uint64_t{39}},
                          UnitProperty{"CPUQuotaPeriodUSec", std::uint64_t{50'000}},
                          UnitProperty{"CPUQuotaPerSecUSec", std::uint64_t{510'000}},
                          UnitProperty{"AllowedCPUs", std::vector<unsigned char>{0x07, 0x02}},
                          UnitProperty{"TasksMax", UINT64_MAX}, UnitProperty{"IOWeight", std::uint64_t{10'000}},
                          UnitProperty{"IOWriteBandwidthMax", UnitProperty::Devices{{"/dev/block/8:16", 4096}}},
                          UnitProperty{"MemoryHigh", UINT64_MAX}));
  EXPECT_THAT(unit_limits({}), IsEmpty());
  r.cpu_cpus = "3-1";
  EXPECT_THROW(unit_limits(r), util::Error);
  r.cpu_cpus = "0,9999999";
  EXPECT_THROW(unit_limits(r), util::Error);
}

TEST(UnitWishes, AreReadFromAnnotations) {
  EXPECT_THAT(unit_wishes({{"org.systemd.property.KillSignal", "15"},
                           {"org.systemd.property.TimeoutStopUSec", "uint64 90000000"},
                           {"org.systemd.property.CollectMode", "'inactive'"},
                           {"org.systemd.property.RuntimeMaxSec", "2"},
                           {"org.systemd.property.AddRef", "true"},
                           {"io.podman.x", "'"}}),
              ElementsAre(UnitProperty{"AddRef", true}, UnitProperty{"CollectMode", std::string("inactive")},
                          UnitProperty{"KillSignal", std::int32_t{15}},
                          UnitProperty{"RuntimeMaxUSec", std::uint64_t{2'000'000}},
                          UnitProperty{"TimeoutStopUSec", std::uint64_t{90'000'000}}));
  for (const char* text :
       {"", "yes", "'a", "uint64 -1", "uint32 4294967296", "2147483648", "[1]", "byte 3", "'a\\'b'"}) {
    EXPECT_THROW(unit_wishes({{"org.systemd.property.Some", text}}), util::Error) << text;
  }
  EXPECT_THROW(unit_wishes({{"org.systemd.property.a/b", "1"}}), util::Error);
}

TEST(OomRecord, IsFoundByItsCgroupAndItsTime) {
  const std::string record =
      "6,812,5000000,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a/"
      "web.scope,task_memcg=/a/web.scope,task=tail,pid=9,uid=0\n";
  EXPECT_TRUE(tells_oom_kill(record, "/a/web.scope", 4'000'000));
  EXPECT_TRUE(tells_oom_kill(record, "/a", 5'000'000)) << "below it";
  EXPECT_FALSE(tells_oom_kill(record, "/a/web.scope", 5'000'001)) << "an earlier container of that name";
  EXPECT_FALSE(tells_oom_kill(record, "/a/web", 0));
  EXPECT_FALSE(tells_oom_kill("6,812,5000000,-;said: oom-kill:,task_memcg=/a/web.scope,task", "/a/web.scope", 0))
      << "a process may write to the log, but not as the kernel does";
  EXPECT_FALSE(tells_oom_kill("6,812;oom-kill:,task_memcg=/a/web.scope,", "/a/web.scope", 0));
  EXPECT_FALSE(tells_oom_kill("", "/a", 0));
}

}  // namespace
}  // namespace vmtool::isolation
