#include "ops/remembered.hpp"

#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/support/require.hpp"

namespace vmtool::ops {
namespace {

class Remembered : public testing::Test {
 protected:
  void SetUp() override { VMTOOL_NEEDS("root"); }
  void TearDown() override { std::filesystem::remove("/run/vmtool/" + fact_); }
  const std::string fact_ = "test-fact-" + std::to_string(::getpid());
};

TEST_F(Remembered, AFactHoldsForItsKeyOnly) {
  EXPECT_EQ(recall(fact_, "monday"), std::nullopt);
  remember(fact_, "monday", "rain\nwind\n");
  EXPECT_EQ(recall(fact_, "monday"), "rain\nwind\n");
  EXPECT_EQ(recall(fact_, "mon"), std::nullopt);
  remember(fact_, "tuesday", "sun");
  EXPECT_EQ(recall(fact_, "monday"), std::nullopt);
  EXPECT_EQ(recall(fact_, "tuesday"), "sun");
}

TEST_F(Remembered, NothingIsRememberedWithoutAKey) {
  remember(fact_, "", "rain");
  EXPECT_EQ(recall(fact_, ""), std::nullopt);
  EXPECT_FALSE(std::filesystem::exists("/run/vmtool/" + fact_));
}

TEST(DaemonLife, IsToldForLocalDaemonsOnly) {
  EXPECT_EQ(daemon_life("qemu+ssh://far/system"), "");
  EXPECT_EQ(daemon_life("qemu:///system?socket=/tmp/own"), "");
  EXPECT_EQ(daemon_life("test:///default"), "");
}

}  // namespace
}  // namespace vmtool::ops
