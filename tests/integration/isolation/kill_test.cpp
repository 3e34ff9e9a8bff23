// kill -9 of `isolate` at its system calls, one after the other: `delete --force` finds and removes what is left.
#include <gmock/gmock.h>

#include <fstream>

#include "tests/support/bundle.hpp"
#include "tests/support/require.hpp"
#include "tests/support/step_killer.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::tests {
namespace {

using testing::IsEmpty;

/// Command lines of processes that have `text` in them.
std::vector<std::string> processes_with(const std::string& text) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    try {
      const std::string line = util::read_file(entry.path() / "cmdline", 1 << 20);
      if (line.find(text) != std::string::npos) out.push_back(line);
    } catch (const util::Error&) {
      continue;  // no process, or gone by now
    }
  }
  return out;
}

/// The same, once those that are dying have had a moment.
std::vector<std::string> lasting_processes_with(const std::string& text) {
  for (int attempt = 0; attempt < 300; ++attempt) {
    if (processes_with(text).empty()) return {};
    ::usleep(10'000);
  }
  return processes_with(text);
}

struct Killed : testing::Test {
  Bundle bundle;
  std::string mark = "sleep-of-" + bundle.path().filename().native();
  std::string mounts = util::read_file("/proc/self/mountinfo", 16 << 20);

  std::vector<std::string> command(std::vector<std::string> words) {
    std::vector<std::string> out{std::getenv("VMTOOL_ISOLATE"), "--root", bundle.state_root()};
    out.insert(out.end(), words.begin(), words.end());
    return out;
  }

  void expect_nothing_is_left(int step) {
    EXPECT_EQ(bundle.isolate({"delete", "--force", "test"}).exit_code, 0) << "killed at call " << step;
    EXPECT_THAT(bundle.leftovers(), IsEmpty()) << "killed at call " << step;
    EXPECT_THAT(lasting_processes_with(bundle.path().native()), IsEmpty()) << "killed at call " << step;
    EXPECT_THAT(lasting_processes_with(mark), IsEmpty()) << "killed at call " << step;
    EXPECT_EQ(util::read_file("/proc/self/mountinfo", 16 << 20), mounts) << "killed at call " << step;
  }

  /// Every call of creating is 200 and more; a few of them each time, all of them where VMTOOL_EVERY_STEP is set.
  static int stride(int usual) { return std::getenv("VMTOOL_EVERY_STEP") != nullptr ? 1 : usual; }
};

TEST_F(Killed, AtTheStepsOfRun) {
  VMTOOL_NEEDS("cell");
  bundle.config["linux"]["resources"]["memory"]["limit"] = 50 << 20;
  bundle.args({"sh", "-c", "sleep 60", mark}).write("test");
  int steps = 0;
  for (int step = 20; kill_at_call(command({"run", "--detach", "--bundle", bundle.path().native(), "test"}), step);
       step += stride(9)) {
    expect_nothing_is_left(step);
    ++steps;
  }
  EXPECT_GT(steps, 10);
  expect_nothing_is_left(0);
}

TEST_F(Killed, AtTheStepsOfCreateAndStart) {
  VMTOOL_NEEDS("cell");
  bundle.args({"sh", "-c", "sleep 60", mark}).write("test");
  int steps = 0;
  for (int step = 60; kill_at_call(command({"create", "--bundle", bundle.path().native(), "test"}), step);
       step += stride(13)) {
    expect_nothing_is_left(step);
    ++steps;
  }
  EXPECT_GT(steps, 5);
  for (int step = 20;; step += stride(7)) {
    bundle.isolate({"delete", "--force", "test"});
    ASSERT_EQ(bundle.create().exit_code, 0);
    const bool killed = kill_at_call(command({"start", "test"}), step);
    expect_nothing_is_left(step);
    if (!killed) break;
  }
}

TEST_F(Killed, AtTheStepsOfDelete) {
  VMTOOL_NEEDS("cell");
  bundle.args({"sh", "-c", "sleep 60", mark});
  int steps = 0;
  for (int step = 20;; step += stride(5)) {
    ASSERT_EQ(bundle.start().exit_code, 0);
    const bool killed = kill_at_call(command({"delete", "--force", "test"}), step);
    expect_nothing_is_left(step);
    if (!killed) break;
    ++steps;
  }
  EXPECT_GT(steps, 5);
}

}  // namespace
}  // namespace vmtool::tests
