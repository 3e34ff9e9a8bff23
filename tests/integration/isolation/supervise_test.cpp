// A supervised container: its status, log, stop, restarts, and what happens when its monitor is killed.
#include <gmock/gmock.h>

#include <regex>

#include "tests/integration/isolation/supervised.hpp"
#include "tests/support/require.hpp"
#include "tests/support/step_killer.hpp"
#include "util/text.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

const std::string entry_form = R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (stdout|stderr) [FP] )";

std::vector<std::string> lines_of(const std::string& text) {
  auto out = util::split(text, '\n');
  out.pop_back();
  return out;
}

/// What a stream said, entries joined as their tags tell.
std::string said(const std::string& log, const std::string& stream) {
  std::string out;
  for (const std::string& line : lines_of(log)) {
    EXPECT_TRUE(std::regex_search(line, std::regex("^" + entry_form))) << line;
    const auto rest = line.substr(line.find(' ') + 1);
    if (!rest.starts_with(stream)) continue;
    out += rest.substr(9) + (rest[7] == 'F' ? "\n" : "");
  }
  return out;
}

TEST(Supervise, KeepsStatusAndLogUntilItIsStopped) {
  VMTOOL_NEEDS("root");
  Supervised container;
  container.bundle.script(
      "echo out; echo err >&2; printf part; trap 'echo bye; exit 3' TERM; echo; echo ready; while :; do sleep 0.05; "
      "done");
  ASSERT_EQ(container.start().exit_code, 0);
  auto status = container.status();
  EXPECT_EQ(status["state"], "running");
  EXPECT_EQ(status["finishedAt"], nullptr);
  EXPECT_EQ(status["exitCode"], nullptr);
  EXPECT_EQ(status["restarts"], 0);
  EXPECT_TRUE(fs::exists("/proc/" + std::to_string(status["pid"].get<int>())));
  EXPECT_TRUE(container.has_monitor());
  ASSERT_TRUE(container.wait_for_log("ready"));

  const auto again = container.start();
  EXPECT_EQ(again.exit_code, 125);
  EXPECT_THAT(again.err, HasSubstr("a monitor lives"));
  EXPECT_EQ(container.status(), status) << "the refused one changed nothing";

  ASSERT_TRUE(container.stop());
  status = container.status();
  EXPECT_EQ(status["state"], "exited");
  EXPECT_EQ(status["exitCode"], 3);
  EXPECT_EQ(status["signal"], 0);
  EXPECT_EQ(status["pid"], 0);
  EXPECT_TRUE(status["finishedAt"].is_string());
  EXPECT_EQ(said(container.read("log"), "stdout"), "out\npart\nready\nbye\n");
  EXPECT_EQ(said(container.read("log"), "stderr"), "err\n");
  EXPECT_THAT(container.bundle.leftovers(), IsEmpty());
  EXPECT_FALSE(fs::exists(container.directory() / "console.sock"));
  EXPECT_FALSE(fs::exists(container.directory() / "stdout"));
}

TEST(Supervise, StopsWithTheSignalOfTheConfigurationAndKillsInTheEnd) {
  VMTOOL_NEEDS("root");
  Supervised container;
  container.bundle.config["annotations"]["org.vmtool.stopSignal"] = "SIGUSR1";
  container.bundle.script("trap 'echo asked' USR1; echo ready; while :; do sleep 0.05; done");
  ASSERT_EQ(container.start({"--stop-timeout", "1"}).exit_code, 0);
  ASSERT_TRUE(container.wait_for_log("ready"));
  ASSERT_TRUE(container.stop());
  EXPECT_THAT(container.read("log"), HasSubstr("asked"));
  EXPECT_EQ(container.status()["exitCode"], 137);
  EXPECT_EQ(container.status()["signal"], 9);

  container.bundle.config["annotations"]["org.vmtool.stopSignal"] = "SIGNOSUCH";
  const auto refused = container.start();
  EXPECT_EQ(refused.exit_code, 125);
  EXPECT_THAT(refused.err, HasSubstr("SIGNOSUCH"));
  EXPECT_THAT(container.bundle.leftovers(), IsEmpty());
}

TEST(Supervise, LeavesNothingOfAStartThatFails) {
  VMTOOL_NEEDS("root");
  Supervised container;
  container.bundle.args({"nosuch"});
  const auto result = container.start();
  EXPECT_EQ(result.exit_code, 127);
  EXPECT_THAT(result.err, HasSubstr("'nosuch'"));
  EXPECT_THAT(container.bundle.leftovers(), IsEmpty());
  EXPECT_FALSE(fs::exists(container.directory()));
  EXPECT_EQ(container.bundle
                .isolate({"supervise", "--bundle", "/nosuch", "--directory", container.directory().native(), "test"})
                .exit_code,
            125);
  EXPECT_FALSE(fs::exists(container.directory()));
}

TEST(Supervise, RestartsWhatFailsUntilItSucceeds) {
  VMTOOL_NEEDS("root");
  Supervised container;
  container.bundle.script("echo x >> /tmp/runs; [ $(wc -l < /tmp/runs) -lt 3 ] && exit 7; exit 0");
  ASSERT_EQ(container.start({"--restart", "on-failure"}).exit_code, 0);
  ASSERT_TRUE(container.wait_for_state("exited"));
  EXPECT_EQ(container.status()["exitCode"], 0);
  EXPECT_EQ(container.status()["restarts"], 2);
  ASSERT_TRUE(wait_until([&] { return !container.has_monitor(); }));
  EXPECT_THAT(container.bundle.leftovers(), IsEmpty());
}

TEST(Supervise, AStopEndsThePauseBeforeARestart) {
  VMTOOL_NEEDS("root");
  Supervised container;
  container.bundle.args({"false"});
  ASSERT_EQ(container.start({"--restart", "always"}).exit_code, 0);
  ASSERT_TRUE(wait_until([&] { return container.status()["restarts"] >= 2; }));
  fs::rename(container.bundle.root() / "bin/false", container.bundle.root() / "bin/gone");
  ASSERT_TRUE(container.wait_for_log("isolate: exec: 'false'")) << "a restart that fails is told in the log";
  ASSERT_TRUE(container.wait_for_state("restarting"));
  EXPECT_EQ(container.status()["pid"], 0);
  EXPECT_TRUE(container.has_monitor());
  ASSERT_TRUE(container.stop());
  EXPECT_EQ(container.status()["state"], "exited");
  EXPECT_EQ(container.status()["exitCode"], 127);
  EXPECT_THAT(container.bundle.leftovers(), IsEmpty());
}

TEST(Supervise, RotatesTheLogBySize) {
  VMTOOL_NEEDS("root");
  Supervised container;
  container.bundle.script("i=1000; while [ $i -lt 1200 ]; do echo line-$i; i=$((i+1)); done");
  ASSERT_EQ(container.start({"--log-size", "2000", "--log-files", "2"}).exit_code, 0);
  ASSERT_TRUE(container.wait_for_state("exited"));
  EXPECT_FALSE(fs::exists(container.directory() / "log.3"));
  std::string all;
  for (const char* name : {"log.2", "log.1", "log"}) {
    EXPECT_LE(container.read(name).size(), 2000U) << name;
    all += said(container.read(name), "stdout");
  }
  EXPECT_GT(container.read("log.1").size(), 1900U);
  const auto lines = lines_of(all);
  for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(lines[i], "line-" + std::to_string(1200 - lines.size() + i));
}

TEST(Supervise, KeepsTheOutputOfAProgramThatEndsAtOnce) {
  VMTOOL_NEEDS("root");
  // Each start is a race of the program's end with its monitor.
  for (int round = 0; round < 25; ++round) {
    Supervised container;
    container.bundle.args({"echo", "short"});
    ASSERT_EQ(container.start({}).exit_code, 0);
    ASSERT_TRUE(container.wait_for_state("exited"));
    ASSERT_EQ(said(container.read("log"), "stdout"), "short\n") << "round " << round;
  }
}

TEST(Supervise, CostsLittleMemory) {
  VMTOOL_NEEDS("root");
  Supervised container;
  container.bundle.script(
      "i=0; while [ $i -lt 2000 ]; do echo some words for the log; i=$((i+1)); done; echo ready; sleep 60");
  ASSERT_EQ(container.start({"--log-size", "4096"}).exit_code, 0);
  ASSERT_TRUE(container.wait_for_log("ready"));
  std::ifstream rollup("/proc/" + std::to_string(container.status()["monitorPid"].get<int>()) + "/smaps_rollup");
  int kilobytes = 0;
  for (std::string line; std::getline(rollup, line);) {
    if (line.starts_with("Pss:")) kilobytes = std::stoi(line.substr(4));
  }
  EXPECT_GT(kilobytes, 0);
  EXPECT_LE(kilobytes, 150);
  RecordProperty("monitor_pss_kb", kilobytes);
}

TEST(Supervise, TellsThatMemoryRanOut) {
  VMTOOL_NEEDS("cell");
  Supervised container;
  container.bundle.config["linux"]["resources"]["memory"]["limit"] = 20 << 20;
  container.bundle.args({"tail", "/dev/zero"});
  ASSERT_EQ(container.start().exit_code, 0);
  ASSERT_TRUE(container.wait_for_state("exited"));
  EXPECT_EQ(container.status()["oomKilled"], true);
  EXPECT_EQ(container.status()["exitCode"], 137);
}

TEST(Supervise, AContainerOutlivesItsMonitorAndIsAdopted) {
  VMTOOL_NEEDS("root");
  Supervised container;
  container.bundle.script(
      "trap 'echo bye; exit 5' TERM; echo first; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo second; while :; do "
      "sleep 0.05; done");
  ASSERT_EQ(container.start().exit_code, 0);
  ASSERT_TRUE(container.wait_for_log("first"));
  const int pid = container.status()["pid"];
  ASSERT_TRUE(container.end_monitor(SIGKILL));
  std::ofstream(container.bundle.root() / "tmp/go") << "x";
  EXPECT_EQ(::kill(pid, 0), 0);
  ASSERT_EQ(container.bundle.isolate(container.words({"--adopt"})).exit_code, 0);
  EXPECT_EQ(container.status()["state"], "running");
  EXPECT_EQ(container.status()["pid"], pid);
  ASSERT_TRUE(container.wait_for_log("second")) << "what it wrote while nobody listened";
  EXPECT_EQ(container.bundle.isolate(container.words({"--adopt"})).exit_code, 125) << "it has a monitor";
  ASSERT_TRUE(container.stop());
  EXPECT_EQ(container.status()["state"], "exited");
  EXPECT_EQ(container.status()["exitCode"], nullptr) << "it was not this monitor's child";
  EXPECT_THAT(container.read("log"), HasSubstr("bye"));
  EXPECT_THAT(container.bundle.leftovers(), IsEmpty());
}

TEST(Supervise, AdoptingWhatIsGoneCleansUp) {
  VMTOOL_NEEDS("root");
  Supervised container;
  container.bundle.args({"sleep", "60"});
  ASSERT_EQ(container.start().exit_code, 0);
  const int pid = container.status()["pid"];
  ASSERT_TRUE(container.end_monitor(SIGKILL));
  ::kill(pid, SIGKILL);
  ASSERT_TRUE(wait_until([&] {
    return container.bundle.isolate({"state", "test"}).out.find("stopped") != std::string::npos;
  }));
  ASSERT_EQ(container.bundle.isolate(container.words({"--adopt"})).exit_code, 0);
  EXPECT_EQ(container.status()["state"], "exited");
  EXPECT_EQ(container.status()["exitCode"], nullptr);
  EXPECT_FALSE(container.has_monitor());
  EXPECT_THAT(container.bundle.leftovers(), IsEmpty());
}

TEST(Supervise, AMonitorThatIsKilledAtAnyStepLeavesWhatAdoptUnderstands) {
  VMTOOL_NEEDS("cell");
  Supervised container;
  container.bundle.config["linux"]["resources"]["memory"]["limit"] = 50 << 20;
  container.bundle.args({"sleep", "60"}).write("test");
  std::vector<std::string> command{std::getenv("VMTOOL_ISOLATE"), "--root", container.bundle.state_root()};
  for (const std::string& word : container.words({"--stop-timeout", "0"})) command.push_back(word);
  const int stride = std::getenv("VMTOOL_EVERY_STEP") != nullptr ? 1 : 11;
  int steps = 0;
  for (int step = 3; kill_fork_at_call(command, step); step += stride, ++steps) {
    ASSERT_EQ(container.bundle.isolate(container.words({"--adopt", "--stop-timeout", "0"})).exit_code, 0)
        << "killed at call " << step;
    if (container.status()["state"] == "running") {
      ASSERT_TRUE(container.stop()) << "killed at call " << step;
    }
    ASSERT_EQ(container.status()["state"], "exited") << "killed at call " << step;
    ASSERT_THAT(container.bundle.leftovers(), IsEmpty()) << "killed at call " << step;
  }
  EXPECT_GT(steps, 15);
  EXPECT_EQ(container.status()["state"], "running") << "the last one was not killed";
}

}  // namespace
}  // namespace vmtool::tests
