#include <gtest/gtest.h>

#include "bundle/status.hpp"

namespace vmtool::bundle {
namespace {

TEST(Status, OfARunningAndOfAnEndedContainer) {
  const auto running = read_status(
      R"({"state":"running","pid":12,"monitorPid":11,"monitorStartTime":4711,"startedAt":"2026-11-23T19:30:00Z","finishedAt":null,"exitCode":null,"signal":0,"oomKilled":false,"restarts":2})");
  ASSERT_TRUE(running);
  EXPECT_EQ(running->state, "running");
  EXPECT_EQ(running->pid, 12);
  EXPECT_EQ(running->monitor_pid, 11);
  EXPECT_EQ(running->monitor_start_time, 4711U);
  EXPECT_FALSE(running->exit_code);
  EXPECT_EQ(running->restarts, 2U);
  const auto ended = read_status(R"({"state":"exited","exitCode":137,"signal":9,"oomKilled":true,"finishedAt":"x"})");
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->exit_code, 137);
  EXPECT_EQ(ended->signal, 9);
  EXPECT_TRUE(ended->out_of_memory);
  EXPECT_EQ(ended->pid, 0);
}

TEST(Status, ATextThatIsNone) {
  for (const char* text : {"", "{", "[]", "{}", "{\"state\": 5}"}) EXPECT_FALSE(read_status(text)) << text;
}

}  // namespace
}  // namespace vmtool::bundle
