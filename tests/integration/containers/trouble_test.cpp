// Killed programs, lost monitors, and a host that was started anew.
#include <signal.h>

#include <thread>

#include "tests/integration/containers/scene.hpp"
#include "tests/support/step_killer.hpp"

namespace vmtool::tests {
namespace {

using ContainerTrouble = Containers;

constexpr int most_calls = 3000;

TEST_F(ContainerTrouble, ADefineThatIsKilledAnywhereLeavesNothingAfterRecover) {
  VMTOOL_NEEDS("cell");
  std::ofstream(place.path() / "two.yaml") << document("one", "true") << "---\n" << document("two", "true");
  const std::string file = place.path() / "two.yaml";
  int killed = 0;
  // A few calls at first, then one in four.
  for (int number = 20; number < most_calls; number += killed < 5 ? 20 : 4) {
    if (!kill_at_call({std::getenv("VMTOOL_PROGRAM"), "define", "-f", file}, number)) break;
    ++killed;
    const auto recovered = vmtool({"recover"});
    ASSERT_EQ(recovered.exit_code, 0) << recovered.err;
    const auto left = names();
    ASSERT_TRUE(left.empty() || left.size() == 2) << "all or nothing at call " << number;
    for (const std::string& name : left) vmtool({"delete", "--yes", name});
    ASSERT_THAT(leftovers(), IsEmpty()) << "at call " << number;
  }
  EXPECT_GT(killed, 10);
}

TEST_F(ContainerTrouble, AKilledMonitorIsReplacedByTheNextCommand) {
  VMTOOL_NEEDS("cell");
  start("web", "exec sleep 60");
  const int monitor = nlohmann::json::parse(util::read_file(run() / "containers/web/status.json", 4096))["monitorPid"];
  const int pid = show("web")["pid"];
  ASSERT_EQ(::kill(monitor, SIGKILL), 0);
  while (::kill(monitor, 0) == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(show("web")["pid"], pid);
  EXPECT_EQ(show("web")["state"], "running");
  EXPECT_EQ(vmtool({"stop", "web"}).exit_code, 0);
  EXPECT_EQ(vmtool({"delete", "--yes", "web"}).exit_code, 0);
  EXPECT_THAT(leftovers(), IsEmpty());
}

TEST_F(ContainerTrouble, AContainerThatDiedWithItsMonitorIsCleanedUp) {
  VMTOOL_NEEDS("cell");
  start("web", "exec sleep 60");
  const int monitor = nlohmann::json::parse(util::read_file(run() / "containers/web/status.json", 4096))["monitorPid"];
  const int pid = show("web")["pid"];
  ASSERT_EQ(::kill(monitor, SIGKILL), 0);
  ASSERT_EQ(::kill(pid, SIGKILL), 0);
  while (::kill(monitor, 0) == 0 || ::kill(pid, 0) == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(show("web")["state"], "exited");
  EXPECT_EQ(show("web")["exitCode"], nullptr);
  EXPECT_EQ(vmtool({"start", "web"}).exit_code, 0);
  EXPECT_EQ(show("web")["state"], "running");
}

TEST_F(ContainerTrouble, AfterARebootContainersStartAgain) {
  VMTOOL_NEEDS("cell");
  start("web", "touch /ran; exec sleep 60");
  ASSERT_EQ(vmtool({"stop", "web"}).exit_code, 0);
  fs::remove_all(run());
  EXPECT_EQ(show("web")["state"], "created");
  EXPECT_EQ(vmtool({"start", "web"}).exit_code, 0);
  EXPECT_EQ(vmtool({"exec", "web", "ls", "/ran"}).out, "/ran\n") << "what it wrote stays";
}

TEST_F(ContainerTrouble, AKilledRunIsRecovered) {
  VMTOOL_NEEDS("cell");
  util::Child vmtool_run = util::spawn(
      {.args = {std::getenv("VMTOOL_PROGRAM"), "run", "--rm", "--name", "gone", "--rootfs", lower(), "sleep", "60"}},
      {});
  while (!fs::exists(run() / "engine/gone")) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  vmtool_run.stop();
  // Its engine lives on until the program ends, or until it is told.
  EXPECT_EQ(vmtool({"delete", "--yes", "--force", "gone"}).exit_code, 0);
  EXPECT_THAT(leftovers(), IsEmpty());
}

TEST_F(ContainerTrouble, TwoHundredAtOnceFromOneFile) {
  VMTOOL_NEEDS("cell");
  constexpr int count = 200;
  std::string text;
  std::vector<std::string> start_words{"start", "--quiet"};
  std::vector<std::string> delete_words{"delete", "--quiet", "--yes", "--force"};
  for (int i = 0; i < count; ++i) {
    text += document(fmt::format("many{}", i), "exec sleep 600") + "---\n";
    start_words.push_back(fmt::format("many{}", i));
    delete_words.push_back(fmt::format("many{}", i));
  }
  const auto defined = define(text.substr(0, text.size() - 4));
  ASSERT_EQ(defined.exit_code, 0) << defined.err;
  const auto started = vmtool(start_words);
  ASSERT_EQ(started.exit_code, 0) << started.err;
  const auto list = nlohmann::json::parse(vmtool({"list", "-o", "json"}).out);
  EXPECT_EQ(std::count_if(list["guests"].begin(), list["guests"].end(),
                          [](const auto& guest) { return guest["state"] == "running"; }),
            count);
  EXPECT_EQ(vmtool(delete_words).exit_code, 0);
  EXPECT_THAT(leftovers(), IsEmpty());
}

}  // namespace
}  // namespace vmtool::tests
