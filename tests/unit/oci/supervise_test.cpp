// When a container is started again, and the keeper's words.
#include <gtest/gtest.h>

#include "oci/keeper.hpp"
#include "oci/restart_policy.hpp"
#include "util/error.hpp"

namespace vmtool::oci {
namespace {

TEST(RestartPolicy, LooksAtTheCode) {
  EXPECT_EQ(find_restart_policy("on-failure"), RestartPolicy::on_failure);
  EXPECT_FALSE(find_restart_policy("never"));
  EXPECT_FALSE(restarts_after(RestartPolicy::no, 1));
  EXPECT_TRUE(restarts_after(RestartPolicy::on_failure, 1));
  EXPECT_TRUE(restarts_after(RestartPolicy::on_failure, 137));
  EXPECT_FALSE(restarts_after(RestartPolicy::on_failure, 0));
  EXPECT_FALSE(restarts_after(RestartPolicy::on_failure, std::nullopt)) << "nobody knows that it failed";
  EXPECT_TRUE(restarts_after(RestartPolicy::always, std::nullopt));
}

TEST(RestartPolicy, DoublesThePauseUpToAMinute) {
  EXPECT_EQ(restart_pause_ms(0), 100);
  EXPECT_EQ(restart_pause_ms(1), 200);
  EXPECT_EQ(restart_pause_ms(9), 51'200);
  EXPECT_EQ(restart_pause_ms(10), 60'000);
  EXPECT_EQ(restart_pause_ms(4'000'000'000U), 60'000);
}

TEST(KeeperReport, IsRead) {
  using Kind = KeeperReport::Kind;
  const KeeperReport stopped = read_keeper_report("exit:3,stop");
  EXPECT_EQ(stopped.kind, Kind::exited);
  EXPECT_EQ(stopped.number, 3);
  EXPECT_TRUE(stopped.stopped);
  EXPECT_EQ(read_keeper_report("signal:9").number, 9);
  EXPECT_EQ(read_keeper_report("gone").kind, Kind::gone);
  EXPECT_EQ(read_keeper_report("pause,stop").kind, Kind::paused);
  EXPECT_THROW(read_keeper_report("something"), util::Error);
}

}  // namespace
}  // namespace vmtool::oci
