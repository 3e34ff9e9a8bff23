// The console of a supervised container: a socket that carries its terminal, or its output.
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

#include "tests/integration/isolation/supervised.hpp"
#include "tests/support/require.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;

/// A client of console.sock.
class Client {
 public:
  explicit Client(const std::filesystem::path& directory) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = (directory / "console.sock").native();
    std::memcpy(address.sun_path, path.c_str(), path.size());
    EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const timeval patience{20, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  void say(const std::string& text) const {
    EXPECT_EQ(::write(socket_.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  /// No more input from this side.
  void fall_silent() const { ::shutdown(socket_.get(), SHUT_WR); }
  /// Reads until `text` was said; false at the end of the stream.
  bool hear(const std::string& text) {
    while (heard_.find(text) == std::string::npos) {
      char buffer[4096];
      const ssize_t got = ::read(socket_.get(), buffer, sizeof buffer);
      if (got <= 0) return false;
      heard_.append(buffer, static_cast<std::size_t>(got));
    }
    return true;
  }
  const std::string& heard() const { return heard_; }

 private:
  util::Fd socket_;
  std::string heard_{};
};

TEST(Console, CarriesTheTerminalBothWays) {
  VMTOOL_NEEDS("root");
  Supervised container;
  container.bundle.config["process"]["terminal"] = true;
  container.bundle.script("tty; echo begin; while read word; do echo heard-$word; [ $word = end ] && exit 4; done");
  ASSERT_EQ(container.start().exit_code, 0);
  ASSERT_TRUE(container.wait_for_log("begin"));
  Client one(container.directory());
  ASSERT_TRUE(one.hear("begin"));
  EXPECT_THAT(one.heard(), HasSubstr("/dev/pts/0")) << "what was said before comes first";
  one.say("a\n");
  ASSERT_TRUE(one.hear("heard-a"));
  Client two(container.directory());
  ASSERT_TRUE(two.hear("heard-a"));
  two.say("b\n");
  EXPECT_TRUE(one.hear("heard-b"));
  EXPECT_TRUE(two.hear("heard-b"));
  one.fall_silent();
  two.say("end\n");
  EXPECT_TRUE(one.hear("heard-end"));
  EXPECT_FALSE(one.hear("never")) << "the end of the container is the end of the stream";
  ASSERT_TRUE(container.wait_for_state("exited"));
  EXPECT_EQ(container.status()["exitCode"], 4);
  EXPECT_THAT(container.read("log"), HasSubstr("stdout F heard-b"));
}

TEST(Console, TakesMoreInputThanATerminalHolds) {
  VMTOOL_NEEDS("root");
  Supervised container;
  container.bundle.config["process"]["terminal"] = true;
  // Slow at first, so that the terminal's queue fills.
  container.bundle.script(
      "echo begin; sleep 0.3; n=0; while read word; do n=$((n+1)); [ $word = end ] && echo lines-$n && exit 0; done");
  ASSERT_EQ(container.start().exit_code, 0);
  Client client(container.directory());
  ASSERT_TRUE(client.hear("begin"));
  for (int i = 0; i < 600; ++i) client.say("a-line-of-some-length\n");
  client.say("end\n");
  EXPECT_TRUE(client.hear("lines-601"));
  EXPECT_TRUE(container.wait_for_state("exited"));
}

TEST(Console, CarriesTheOutputWhereThereIsNoTerminal) {
  VMTOOL_NEEDS("root");
  Supervised container;
  container.bundle.script("echo out; echo err >&2; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo last");
  ASSERT_EQ(container.start().exit_code, 0);
  ASSERT_TRUE(container.wait_for_log("err"));
  Client client(container.directory());
  client.say("nobody hears this\n");
  ASSERT_TRUE(client.hear("err\n"));
  EXPECT_THAT(client.heard(), HasSubstr("out\n"));
  std::ofstream(container.bundle.root() / "tmp/go") << "x";
  EXPECT_TRUE(client.hear("last\n"));
  EXPECT_FALSE(client.hear("never"));
}

TEST(Console, WhoDoesNotReadHoldsNobodyUp) {
  VMTOOL_NEEDS("root");
  Supervised container;
  container.bundle.script(
      "while [ ! -e /tmp/go ]; do sleep 0.05; done; dd if=/dev/zero bs=65536 count=64 2>/dev/null; echo; echo done");
  ASSERT_EQ(container.start().exit_code, 0);
  const Client idle(container.directory());
  std::ofstream(container.bundle.root() / "tmp/go") << "x";
  EXPECT_TRUE(container.wait_for_state("exited"));
  EXPECT_EQ(container.status()["exitCode"], 0);
  EXPECT_THAT(container.read("log"), HasSubstr("stdout F done"));
}

}  // namespace
}  // namespace vmtool::tests
