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

/// One boot for all tests: what the guest said on its console.
class Guest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!reason_missing("tcg").empty()) return;
    TempDir work;
    const auto result = util::run(
        {.args = {std::string(std::getenv("VMTOOL_SOURCE_DIR")) + "/tests/integration/isolation_guest/boot.sh",
                  std::getenv("VMTOOL_ISOLATE"), work.path().native()},
         .time_limit = std::chrono::minutes(3)});
    text_ = "\n" + result.out;
    text_.erase(std::remove(text_.begin(), text_.end(), '\r'), text_.end());
    errors_ = result.err;
  }
  void SetUp() override { VMTOOL_NEEDS("tcg"); }

  static const std::string& text() { return text_; }
  static void expect_line(const std::string& line) { EXPECT_THAT(text_, HasSubstr("\n" + line + "\n")) << errors_; }

 private:
  static std::string text_;
  static std::string errors_;
};

std::string Guest::text_;
std::string Guest::errors_;

TEST_F(Guest, EnforcesEveryLimitOnPureCgroup2) {
  EXPECT_THAT(text(), HasSubstr(" memory "));
  expect_line("plain=0::/ code=0 upper=made merged=");
  expect_line("limits=49999872 999424 39997440 20000 100000 20 20 code=0");
  expect_line("rarer=19996672 0 0 4194304 254:0 rbps=1048576 wbps=max riops=max wiops=max default 4950 code=0");
  EXPECT_THAT(text(), HasSubstr("weight=isolate: cgroup controller 'io' can't set 'io.weight' to '254:0 10000': "
                                "Operation not supported\nhint: a device has weights"));
  expect_line("memory=1");
  expect_line("memory-code=137");
  expect_line("forks=");
  expect_line("exec=0::/ code=0");
  expect_line("paused=status:paused frozen=frozen1");
  expect_line("update=15");
  expect_line("deleted=0 left=");
}

TEST_F(Guest, SystemdManagesTheCgroups) {
  expect_line("scope=active system-web.slice yes container web 50000000 1000000 0 200ms 20 20 4950 0 7s 10 ");
  expect_line("scope-files=49999872 999424 0 20000 100000 20 20 default 4950 0");
  expect_line("scope-exec=0::/ processes=1");
  expect_line("scope-reloaded=49999872 20 default 4950");
  expect_line("scope-update=60000000 30  59998208 30");
  expect_line("scope-paused=status:paused");
  expect_line("scope-deleted=0 not-found  left=");
  expect_line("scope-again=0 active ");
  EXPECT_THAT(text(), HasSubstr("scope-taken=isolate: systemd can't start the unit 'libpod-web.scope': "));
  EXPECT_THAT(text(), HasSubstr(" left=web active \n")) << "the unit that was there lives on";
  expect_line("scope-memory=137 1 not-found inactive ");
  expect_line("scope-path=isolate: the cgroup path 'a/b' is no SLICE:PREFIX:NAME");
  expect_line("scope-created=system.slice active ");
  expect_line("scope-ended=0 left=");
}

TEST_F(Guest, AUsersOwnSystemdManagesItsCgroups) {
  expect_line("user-scope=1000 49999872 20 0::/");
  expect_line("user-deleted=0 left=");
  expect_line("done");
}

TEST_F(Guest, WithoutSystemdTheErrorSaysWhatToDo) {
  EXPECT_THAT(text(),
              HasSubstr("no-systemd=isolate: systemd can't manage the cgroups: can't connect to "
                        "'/run/systemd/private': No such file or directory hint: use --cgroup-manager=cgroupfs"));
}

}  // namespace
}  // namespace vmtool::tests
