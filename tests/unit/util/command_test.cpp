#include "util/command.hpp"

#include <csignal>

#include <gtest/gtest.h>

#include "util/error.hpp"

namespace vmtool::util {
namespace {

using namespace std::chrono_literals;

Command shell(std::string script) { return {.args = {"sh", "-c", std::move(script)}}; }

TEST(Run, CollectsBothStreamsAndTheCode) {
  const Result result = run(shell("echo out; echo err >&2; exit 3"));
  EXPECT_EQ(result.out, "out\n");
  EXPECT_EQ(result.err, "err\n");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(run(shell("kill -TERM $$")).exit_code, 128 + SIGTERM);
}

TEST(Run, FeedsInputAndEnvironment) {
  Command command = shell("cat; printf %s \"$VMTOOL_TEST_WORD\"");
  command.input = std::string(1 << 20, 'x');
  command.env = {{"VMTOOL_TEST_WORD", "end"}};
  EXPECT_EQ(run(command).out, command.input + "end");
}

TEST(Run, OutlivesAProgramThatReadsNothing) {
  Command command = shell("exec 0<&-; exit 0");
  command.input = std::string(1 << 20, 'x');
  EXPECT_EQ(run(command).exit_code, 0);
}

TEST(Run, KeepsOutputUpToItsLimit) {
  Command command = shell("head -c 100000 /dev/zero");
  command.output_limit = 1000;
  EXPECT_EQ(run(command).out.size(), 1000u);
}

TEST(Run, StopsWhatTakesTooLong) {
  Command command = shell("exec sleep 1000");
  command.time_limit = 20ms;
  try {
    run(command);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Errc::unavailable);
  }
}

TEST(Run, SaysThatAProgramIsMissing) {
  try {
    run({.args = {"vmtool-no-such-program"}});
    FAIL();
  } catch (const SysError& error) {
    EXPECT_EQ(error.errno_value(), ENOENT);
    EXPECT_NE(error.message().find("'vmtool-no-such-program'"), std::string::npos);
  }
}

TEST(RunChecked, CarriesTheProgramsOwnWords) {
  EXPECT_EQ(run_checked(shell("echo fine")).out, "fine\n");
  try {
    run_checked(shell("echo broken disk >&2; exit 7"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Errc::io);
    EXPECT_EQ(error.message(), "'sh' ended with code 7: broken disk");
  }
}

TEST(Child, IsReapedByItsDestructor) {
  pid_t pid = -1;
  {
    const Child child = spawn(shell("exec sleep 1000"), {});
    pid = child.pid();
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(Child, AMoveStopsWhatTheTargetRan) {
  Child first = spawn(shell("exec sleep 1000"), {});
  const pid_t pid = first.pid();
  EXPECT_FALSE(first.poll());
  first = spawn(shell("exit 5"), {});
  EXPECT_EQ(::kill(pid, 0), -1);
  EXPECT_EQ(first.wait(), 5);
  EXPECT_FALSE(first.running());
}

}  // namespace
}  // namespace vmtool::util
