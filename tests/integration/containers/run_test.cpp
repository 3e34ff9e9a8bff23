#include "tests/integration/containers/scene.hpp"

namespace vmtool::tests {
namespace {

class RunContainers : public Containers {
 protected:
  util::Result run_on_lower(std::vector<std::string> options, std::vector<std::string> command,
                            std::string input = {}) const {
    std::vector<std::string> words{"run", "--rootfs", lower()};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), command.begin(), command.end());
    return vmtool(words, std::move(input));
  }
};

TEST_F(RunContainers, AThrowAwayOneLeavesNothing) {
  VMTOOL_NEEDS("cell");
  const auto result = run_on_lower({"--rm"}, {"sh", "-c", "echo $A; hostname; touch /x; echo lost >&2; exit 5"});
  EXPECT_EQ(result.exit_code, 5) << result.err;
  EXPECT_THAT(result.out, testing::StartsWith("\nrun-"));
  EXPECT_THAT(result.err, HasSubstr("lost"));
  EXPECT_FALSE(fs::exists(lower() / "x"));
  EXPECT_THAT(leftovers(), IsEmpty());
}

TEST_F(RunContainers, ItsOptionsReachTheProgram) {
  VMTOOL_NEEDS("cell");
  fs::create_directory(place.path() / "data");
  std::ofstream(place.path() / "data/file") << "of the host\n";
  const auto result = run_on_lower(
      {"--rm", "-i", "-e", "A=b c", "-u", "7:8", "-w", "/tmp", "--hostname", "own", "--memory", "64MiB", "--cpus",
       "0.5", "--pids-limit", "20", "-v", (place.path() / "data").native() + ":/data:ro", "--read-only"},
      {"sh", "-c",
       "cat; echo $A; id -u; id -g; pwd; hostname; cat /data/file; touch /data/x || touch /y || echo refused"},
      "typed\n");
  EXPECT_EQ(result.out, "typed\nb c\n7\n8\n/tmp\nown\nof the host\nrefused\n") << result.err;
}

TEST_F(RunContainers, CodesAreThoseOfAShell) {
  VMTOOL_NEEDS("cell");
  EXPECT_EQ(run_on_lower({"--rm"}, {"sh", "-c", "kill -TERM $$; sleep 1"}).exit_code, 0)
      << "process 1 takes only signals that it handles";
  EXPECT_EQ(run_on_lower({"--rm", "--init"}, {"sh", "-c", "kill -TERM $$; sleep 1"}).exit_code, 143);
  EXPECT_EQ(run_on_lower({"--rm"}, {"no-such-program"}).exit_code, 127);
  EXPECT_EQ(run_on_lower({"--rm"}, {"/etc"}).exit_code, 126);
  EXPECT_EQ(vmtool({"run", "--rm", "--rootfs", "/nonexistent/root", "true"}).exit_code, 125);
  EXPECT_EQ(run_on_lower({"--rm", "--memory", "lots"}, {"true"}).exit_code, 125);
  EXPECT_EQ(run_on_lower({"--rm"}, {}).exit_code, 125);
  EXPECT_THAT(leftovers(), IsEmpty());
}

TEST_F(RunContainers, WithoutRmItStaysAndCanBeStartedAgain) {
  VMTOOL_NEEDS("cell");
  EXPECT_EQ(run_on_lower({"--name", "kept"}, {"sh", "-c", "echo run >> /runs; exit 4"}).exit_code, 4);
  EXPECT_EQ(show("kept")["exitCode"], 4);
  EXPECT_EQ(run_on_lower({"--name", "kept"}, {"true"}).exit_code, 125) << "the name is taken";
  EXPECT_EQ(vmtool({"start", "kept"}).exit_code, 0);
  EXPECT_EQ(vmtool({"wait", "kept"}).out, "4\n");
  EXPECT_EQ(util::read_file(bundle_of("kept") / "upper/runs", 100), "run\nrun\n");
}

TEST_F(RunContainers, DetachedItRunsOnAndGoesWithTheNextList) {
  VMTOOL_NEEDS("cell");
  const auto result = run_on_lower({"-d", "--rm"}, {"sh", "-c", "sleep 0.2"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string name = result.out.substr(0, result.out.find('\n'));
  EXPECT_EQ(show(name)["state"], "running");
  EXPECT_EQ(vmtool({"wait", name}).out, "0\n");
  vmtool({"list"});
  EXPECT_THAT(leftovers(), IsEmpty());
}

}  // namespace
}  // namespace vmtool::tests
