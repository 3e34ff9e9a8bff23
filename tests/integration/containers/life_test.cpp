// The seeds of the idea, and the verbs one after the other.
#include "tests/integration/containers/scene.hpp"

namespace vmtool::tests {
namespace {

using ContainerLife = Containers;

TEST_F(ContainerLife, WhatIsWrittenInsideIsInTheUpperLayerAlone) {
  VMTOOL_NEEDS("cell");
  start("web", "echo new > /made; exec sleep 60");
  EXPECT_EQ(vmtool({"exec", "web", "cat", "/made"}).out, "new\n");
  EXPECT_EQ(util::read_file(bundle_of("web") / "upper/made", 100), "new\n");
  EXPECT_FALSE(fs::exists(lower() / "made"));
  const std::string mounts = util::read_all(util::open_file("/proc/self/mountinfo", O_RDONLY).get(), 1 << 24);
  EXPECT_EQ(mounts.find(bundle_of("web").native()), std::string::npos) << "the overlay is the container's own";
}

TEST_F(ContainerLife, TheRootHasTheContainerAlone) {
  VMTOOL_NEEDS("cell");
  start("web", "exec sleep 60");
  EXPECT_EQ(vmtool({"exec", "web", "ls", "/"}).out, "bin\ndev\netc\nproc\nsys\ntmp\n");
  const auto namespaces = [&](const std::string& process) {
    std::string out;
    for (const char* name : {"pid", "mnt", "net", "uts", "ipc"})
      out += fs::read_symlink("/proc/" + process + "/ns/" + name).native() + "\n";
    return out;
  };
  const auto inside =
      vmtool({"exec", "web", "sh", "-c", "for n in pid mnt net uts ipc; do readlink /proc/self/ns/$n; done"});
  EXPECT_EQ(inside.out, namespaces(std::to_string(show("web")["pid"].get<int>()))) << inside.err;
  EXPECT_NE(inside.out, namespaces("self"));
}

TEST_F(ContainerLife, AnIdentityOfItsOwn) {
  VMTOOL_NEEDS("cell");
  start("one", "exec sleep 60");
  start("two", "exec sleep 60", "hostname: other");
  const auto read = [&](const char* name, const char* file) { return vmtool({"exec", name, "cat", file}).out; };
  EXPECT_EQ(read("one", "/etc/machine-id").size(), 33U);
  EXPECT_NE(read("one", "/etc/machine-id"), read("two", "/etc/machine-id"));
  EXPECT_EQ(read("one", "/etc/hostname"), "one\n");
  EXPECT_EQ(vmtool({"exec", "two", "hostname"}).out, "other\n");
  EXPECT_THAT(read("two", "/etc/hosts"), HasSubstr("127.0.1.1\tother"));
  const std::string before = read("one", "/etc/machine-id");
  ASSERT_EQ(vmtool({"restart", "one"}).exit_code, 0);
  EXPECT_EQ(read("one", "/etc/machine-id"), before) << "once, not at each start";
}

TEST_F(ContainerLife, TooMuchMemoryKillsAndShowSaysSo) {
  VMTOOL_NEEDS("cell");
  start("eater", "tail -c 105906176 /dev/zero", "resources: {memory: {limit: 100MB, swap: 0MB}}");
  EXPECT_EQ(vmtool({"wait", "eater"}).out, "137\n");
  const auto shown = show("eater");
  EXPECT_EQ(shown["state"], "exited");
  EXPECT_EQ(shown["oomKilled"], true);
  EXPECT_EQ(shown["signal"], 9);
  EXPECT_EQ(shown["exitCode"], 137);
}

TEST_F(ContainerLife, ExitCodesAreTheProcesssOwn) {
  VMTOOL_NEEDS("cell");
  start("web", "exec sleep 60");
  EXPECT_EQ(vmtool({"exec", "web", "sh", "-c", "exit 7"}).exit_code, 7);
  EXPECT_EQ(vmtool({"exec", "web", "--", "sh", "-c", "exit 8"}).exit_code, 8);
  EXPECT_EQ(vmtool({"exec", "web", "sh", "-c", "kill -9 $$"}).exit_code, 137);
  EXPECT_EQ(vmtool({"exec", "web", "nothing-of-that-name"}).exit_code, 127);
  EXPECT_EQ(vmtool({"exec", "web", "/etc"}).exit_code, 126);
  EXPECT_EQ(vmtool({"exec", "wbe", "true"}).exit_code, 125);
  EXPECT_EQ(
      vmtool({"exec", "-u", "33:34", "-e", "A=b c", "--cwd", "/tmp", "web", "sh", "-c", "id -u; id -g; echo $A; pwd"})
          .out,
      "33\n34\nb c\n/tmp\n");
  ASSERT_EQ(vmtool({"stop", "web"}).exit_code, 0);
  const auto off = vmtool({"exec", "web", "true"});
  EXPECT_EQ(off.exit_code, 125);
  EXPECT_THAT(off.err, HasSubstr("container 'web' does not run"));
}

TEST_F(ContainerLife, LogsHaveBothStreams) {
  VMTOOL_NEEDS("cell");
  start("web", "echo out; echo err >&2; printf 'no end'");
  ASSERT_EQ(vmtool({"wait", "web"}).out, "0\n");
  const auto logs = vmtool({"logs", "web"});
  EXPECT_THAT(logs.out, HasSubstr("out\n"));
  EXPECT_THAT(logs.out, HasSubstr("no end"));
  EXPECT_EQ(logs.err, "err\n");
  start("one", "echo first; printf 'no end'");
  ASSERT_EQ(vmtool({"wait", "one"}).out, "0\n");
  EXPECT_THAT(vmtool({"logs", "-t", "--tail", "1", "one"}).out, testing::MatchesRegex("20[0-9-]+T[0-9:.]+Z no end\n?"));
  EXPECT_THAT(vmtool({"logs", "-f", "web"}).out, HasSubstr("out\n")) << "what has ended is not followed";
  EXPECT_EQ(vmtool({"logs", "--tail", "x", "web"}).exit_code, 2);
}

TEST_F(ContainerLife, WhatAQuickProgramWroteIsNotLost) {
  VMTOOL_NEEDS("cell");
  ASSERT_EQ(define(document("quick", "n=0; [ -e /count ] && read n < /count; n=$((n + 1)); echo $n > /count; echo $n"))
                .exit_code,
            0);
  for (int run = 1; run <= 8; ++run) {
    ASSERT_EQ(vmtool({"start", "quick"}).exit_code, 0);
    ASSERT_EQ(vmtool({"wait", "quick"}).out, "0\n");
    EXPECT_EQ(vmtool({"logs", "--tail", "1", "quick"}).out, std::to_string(run) + "\n");
  }
}

TEST_F(ContainerLife, StopAsksBeforeItKills) {
  VMTOOL_NEEDS("cell");
  start("polite", "trap 'echo asked; exit 3' INT; while true; do sleep 0.05; done", "stopSignal: SIGINT");
  EXPECT_EQ(vmtool({"stop", "polite"}).exit_code, 0);
  EXPECT_EQ(show("polite")["exitCode"], 3);
  EXPECT_THAT(vmtool({"logs", "polite"}).out, HasSubstr("asked"));
  EXPECT_THAT(vmtool({"stop", "polite"}).err, HasSubstr("is off already"));
  start("stubborn", "trap '' TERM; while true; do sleep 0.05; done");
  EXPECT_EQ(vmtool({"stop", "--force", "stubborn"}).exit_code, 0);
  EXPECT_EQ(show("stubborn")["signal"], 9);
}

TEST_F(ContainerLife, ARestartPolicyBringsItBack) {
  VMTOOL_NEEDS("cell");
  start("again", "echo run >> /runs; [ $(wc -l < /runs) -ge 3 ] && exit 0; exit 1", "restartPolicy: on-failure");
  EXPECT_EQ(vmtool({"wait", "again"}).out, "0\n");
  EXPECT_EQ(show("again")["restarts"], 2);
}

TEST_F(ContainerLife, SuspendedItStandsStill) {
  VMTOOL_NEEDS("cell");
  start("web", "exec sleep 60");
  EXPECT_EQ(vmtool({"suspend", "web"}).exit_code, 0);
  EXPECT_EQ(vmtool({"resume", "web"}).exit_code, 0);
  EXPECT_EQ(vmtool({"exec", "web", "true"}).exit_code, 0);
}

TEST_F(ContainerLife, AFailedStartLeavesNothingBehindAndSaysWhy) {
  VMTOOL_NEEDS("cell");
  ASSERT_EQ(
      define(fmt::format("kind: Container\nname: broken\nrootfs: {{layers: [{}]}}\nprocess: {{args: [/nothing]}}\n",
                         lower().native()))
          .exit_code,
      0);
  const auto failed = vmtool({"start", "broken"});
  EXPECT_NE(failed.exit_code, 0);
  EXPECT_THAT(failed.err, HasSubstr("/nothing"));
  EXPECT_THAT(failed.err, HasSubstr("while starting container 'broken'"));
  EXPECT_FALSE(fs::exists(run() / "engine/broken"));
  EXPECT_EQ(vmtool({"delete", "--yes", "broken"}).exit_code, 0);
  EXPECT_THAT(leftovers(), IsEmpty());
}

TEST_F(ContainerLife, DeleteLeavesNothing) {
  VMTOOL_NEEDS("cell");
  start("web", "exec sleep 60");
  EXPECT_EQ(vmtool({"delete", "--yes", "web"}).exit_code, 5) << "it runs";
  EXPECT_EQ(vmtool({"delete", "--yes", "--force", "web"}).exit_code, 0);
  EXPECT_THAT(leftovers(), IsEmpty());
}

}  // namespace
}  // namespace vmtool::tests
