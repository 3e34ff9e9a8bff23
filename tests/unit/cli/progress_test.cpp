#include "cli/progress.hpp"

#include <gtest/gtest.h>

namespace vmtool::cli {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t mib = std::uint64_t{1} << 20;

TEST(ProgressLine, TellsShareRateAndTimeLeft) {
  EXPECT_EQ(progress_line("importing 'a'", 450 * mib, 1000 * mib, milliseconds(5000), 80),
            "importing 'a'   45 %  90.0 MiB/s  6 s left");
}

TEST(ProgressLine, TellsNoRateBeforeItKnowsOne) {
  EXPECT_EQ(progress_line("importing 'a'", 10 * mib, 1000 * mib, milliseconds(100), 80), "importing 'a'    1 %");
  EXPECT_EQ(progress_line("importing 'a'", 0, 1000 * mib, milliseconds(5000), 80), "importing 'a'    0 %");
}

TEST(ProgressLine, EndsWithTheMeanRate) {
  EXPECT_EQ(progress_line("importing 'a'", 1000 * mib, 1000 * mib, milliseconds(10'000), 80),
            "importing 'a'  100 %  100.0 MiB/s");
}

TEST(ProgressLine, OfNothingAndOfMoreThanAllIsDone) {
  EXPECT_EQ(progress_line("a", 0, 0, milliseconds(0), 80), "a  100 %");
  EXPECT_EQ(progress_line("a", 20, 10, milliseconds(0), 80), "a  100 %");
}

TEST(ProgressLine, LeavesTheLastColumnOfTheTerminalFree) {
  EXPECT_EQ(progress_line("importing 'a'", 0, 10, milliseconds(0), 10), "importing");
  EXPECT_EQ(progress_line("importing 'a'", 0, 10, milliseconds(0), 1), "");
  EXPECT_EQ(progress_line("importing 'a'", 0, 10, milliseconds(0), 0), "");
}

TEST(TerminalReporter, WarnsEvenWhenQuiet) {
  testing::internal::CaptureStderr();
  TerminalReporter quiet(true);
  quiet.info("created volume 'a'");
  quiet.progress("importing 'a'", 5, 10);
  quiet.warn("no \x1b[31mKVM");
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(text.starts_with("vmtool: warning: no ")) << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << "a control character reached the terminal";
  EXPECT_EQ(text.find("created"), std::string::npos);
  EXPECT_EQ(text.find("importing"), std::string::npos);
}

}  // namespace
}  // namespace vmtool::cli
