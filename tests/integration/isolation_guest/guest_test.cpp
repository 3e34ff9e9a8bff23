// Containers on a host of pure cgroup v2 with every controller, and with the kernel of Debian 12: a guest of its own.
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>

#include "tests/support/require.hpp"
#include "tests/support/temp_dir.hpp"
#include "util/command.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;

TEST(GuestOfPureCgroup2, EnforcesEveryLimit) {
  VMTOOL_NEEDS("tcg");
  TempDir work;
  const auto result = util::run({.args = {std::string(std::getenv("VMTOOL_SOURCE_DIR")) + "/tests/integration/isolation_guest/boot.sh", std::getenv("VMTOOL_ISOLATE"),
                                          work.path().native()},
                                 .time_limit = std::chrono::minutes(3)});
  std::string text = result.out;
  text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
  SCOPED_TRACE(text + result.err);
  const auto expect_line = [&](const std::string& line) { EXPECT_THAT("\n" + text, HasSubstr("\n" + line + "\n")); };
  EXPECT_THAT(text, HasSubstr(" memory "));
  expect_line("plain=0::/ code=0 upper=made merged=");
  expect_line("limits=49999872 999424 39997440 20000 100000 20 20 code=0");
  expect_line("rarer=19996672 0 0 4194304 254:0 rbps=1048576 wbps=max riops=max wiops=max code=0");
  expect_line("memory=1");
  expect_line("memory-code=137");
  expect_line("forks=");
  expect_line("exec=0::/ code=0");
  expect_line("paused=status:paused frozen=frozen1");
  expect_line("update=15");
  expect_line("deleted=0 left=");
  expect_line("done");
}

}  // namespace
}  // namespace vmtool::tests
