// `exec -t`: a terminal of the container's own for a further process.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/bundle.hpp"
#include "tests/support/require.hpp"
#include "util/fd.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;

/// Runs a program on a terminal of its own, types `input` when `prompt` was said, and gives what was said and the code.
std::pair<std::string, int> run_on_terminal(const std::vector<std::string>& words, const std::string& prompt,
                                            const std::string& input) {
  const util::Fd master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  EXPECT_TRUE(master && ::grantpt(master.get()) == 0 && ::unlockpt(master.get()) == 0);
  const winsize size{33, 77, 0, 0};
  ::ioctl(master.get(), TIOCSWINSZ, &size);
  const std::string name = ::ptsname(master.get());
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::setsid();
    const int end = ::open(name.c_str(), O_RDWR);
    for (int stream = 0; stream < 3; ++stream) ::dup2(end, stream);
    ::execv(argv[0], argv.data());
    ::_exit(99);
  }
  std::string said;
  bool typed = false;
  for (;;) {
    char buffer[512];
    const ssize_t got = ::read(master.get(), buffer, sizeof buffer);
    if (got <= 0) break;
    said.append(buffer, static_cast<std::size_t>(got));
    if (!typed && said.find(prompt) != std::string::npos) {
      EXPECT_EQ(::write(master.get(), input.data(), input.size()), static_cast<ssize_t>(input.size()));
      typed = true;
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return {said, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

TEST(Exec, WithATerminalOfTheContainersOwn) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  ASSERT_EQ(bundle.args({"sleep", "60"}).start().exit_code, 0);
  const auto [said, code] =
      run_on_terminal({std::getenv("VMTOOL_ISOLATE"), "--root", bundle.state_root(), "exec", "-t", "test", "sh", "-c",
                       "tty; test -t 0 && test -t 1 && test -t 2 && echo three; /bin/busybox stty size; echo prompt; "
                       "read word; echo got-$word; exit 6"},
                      "prompt", "hello\n");
  EXPECT_THAT(said, HasSubstr("/dev/pts/0\r\n"));
  EXPECT_THAT(said, HasSubstr("three\r\n"));
  EXPECT_THAT(said, HasSubstr("33 77\r\n")) << "the size of the caller's";
  EXPECT_THAT(said, HasSubstr("got-hello\r\n"));
  EXPECT_EQ(code, 6);
}

TEST(Exec, ControlCharactersAreForTheProcessInside) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  ASSERT_EQ(bundle.args({"sleep", "60"}).start().exit_code, 0);
  const auto [said, code] =
      run_on_terminal({std::getenv("VMTOOL_ISOLATE"), "--root", bundle.state_root(), "exec", "-t", "test", "sh", "-c",
                       "trap 'echo interrupted; exit 8' INT; echo prompt; while :; do sleep 0.02; done"},
                      "prompt", "\x03");
  EXPECT_THAT(said, HasSubstr("interrupted"));
  EXPECT_EQ(code, 8);
}

TEST(Exec, WithoutOneStandardInputIsNoTerminal) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  ASSERT_EQ(bundle.args({"sleep", "60"}).start().exit_code, 0);
  EXPECT_EQ(bundle.isolate({"exec", "test", "sh", "-c", "test -t 0 || echo none"}).out, "none\n");
  const auto refused = bundle.isolate({"exec", "-t", "-d", "test", "true"});
  EXPECT_EQ(refused.exit_code, 125);
  EXPECT_THAT(refused.err, HasSubstr("--console-socket"));
}

}  // namespace
}  // namespace vmtool::tests
