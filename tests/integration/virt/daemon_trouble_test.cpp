// A daemon that hangs, or goes away, in the middle of the work; and one that refuses the user.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/integration/virt/host.hpp"
#include "tests/support/fake_daemon.hpp"

namespace vmtool::virt::tests {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using vmtool::tests::FakeDaemon;

constexpr const char* real_socket = "/run/libvirt/libvirt-sock";

class DaemonInTrouble : public Host {};

TEST_F(DaemonInTrouble, WhenItHangsTheCallEndsAndFurtherOnesFailAtOnce) {
  FakeDaemon daemon(FakeDaemon::Manner::forward, real_socket);
  const Connection connection = Connection::open(daemon.uri(), 15s, 300ms);
  EXPECT_FALSE(connection.find_domain("vt-virt-none").has_value());
  daemon.become(FakeDaemon::Manner::silent);
  const util::Error first = error_of([&] { connection.domains(); });
  EXPECT_EQ(first.kind(), util::Errc::unavailable);
  EXPECT_THAT(first.message(), HasSubstr("did not answer within 300ms"));
  const util::Error second = error_of([&] { connection.find_domain("vt-virt-none"); });
  EXPECT_EQ(second.kind(), util::Errc::unavailable);
  EXPECT_THAT(second.message(), HasSubstr("does not answer any more"));
}

TEST_F(DaemonInTrouble, WhenItHangsLongCallsEndToo) {
  const Domain defined = host().define_domain(tiny_domain("vt-virt-hang"));
  FakeDaemon daemon(FakeDaemon::Manner::forward, real_socket);
  const Connection connection = Connection::open(daemon.uri(), 15s, 300ms);
  const Domain domain = connection.find_domain("vt-virt-hang").value();
  daemon.become(FakeDaemon::Manner::silent);
  EXPECT_THAT(error_of([&] { domain.start(); }).message(), HasSubstr("did not answer"));
}

TEST_F(DaemonInTrouble, WhenItGoesAwayItSaysSo) {
  FakeDaemon daemon(FakeDaemon::Manner::forward, real_socket);
  const Connection connection = Connection::open(daemon.uri());
  daemon.become(FakeDaemon::Manner::closing);
  for (int call = 0; call < 2; ++call) {
    const util::Error error = error_of([&] { connection.networks(); });
    EXPECT_EQ(error.kind(), util::Errc::unavailable) << error.message();
    EXPECT_THAT(error.message(), HasSubstr("libvirt daemon"));
    EXPECT_NE(error.hint(), "");
  }
}

// In a child, since it gives its rights up. Without D-Bus polkit can't be asked, with it the answer is no.
TEST_F(DaemonInTrouble, AUserWithoutRightsIsDenied) {
  VMTOOL_NEEDS("root");
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t nobody = 65534;
    if (::setgid(nobody) != 0 || ::setuid(nobody) != 0) ::_exit(1);
    const util::Error error = error_of([] { Connection::open("qemu:///system"); });
    ::_exit(error.hint().find("qemu:///session") == std::string::npos ? 2 : error.exit_code());
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), static_cast<int>(util::Errc::denied));
}

}  // namespace
}  // namespace vmtool::virt::tests
