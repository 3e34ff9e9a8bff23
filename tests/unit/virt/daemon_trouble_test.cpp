// Daemons that are away, hang, or go away while a connection is being opened.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_daemon.hpp"
#include "virt/connection.hpp"
#include "virt/error.hpp"

namespace vmtool::virt {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using tests::FakeDaemon;

util::Error error_of_opening(const std::string& uri, std::chrono::milliseconds limit) {
  try {
    Connection::open(uri, limit);
  } catch (const util::Error& error) {
    return error;
  }
  return {util::Errc::internal, "the connection was opened"};
}

TEST(DaemonTrouble, ADaemonThatNeverAnswersIsGivenUp) {
  const FakeDaemon daemon(FakeDaemon::Manner::silent);
  const util::Error error = error_of_opening(daemon.uri(), 100ms);
  EXPECT_EQ(error.kind(), util::Errc::unavailable);
  EXPECT_THAT(error.message(), HasSubstr("did not answer within 100ms"));
  EXPECT_THAT(error.message(), HasSubstr(daemon.socket().native()));
}

TEST(DaemonTrouble, ADaemonThatClosesIsNamed) {
  const FakeDaemon daemon(FakeDaemon::Manner::closing);
  const util::Error error = error_of_opening(daemon.uri(), 20s);
  EXPECT_EQ(error.kind(), util::Errc::unavailable);
  EXPECT_THAT(error.message(), HasSubstr("the libvirt daemon"));
}

TEST(DaemonTrouble, ADaemonThatIsAwayGetsAHint) {
  const tests::TempDir dir;
  const util::Error error = error_of_opening("qemu+unix:///system?socket=" + (dir.path() / "none").native(), 20s);
  EXPECT_EQ(error.kind(), util::Errc::unavailable);
  EXPECT_THAT(error.message(), HasSubstr("the libvirt daemon is not running: "));
  EXPECT_THAT(error.message(), HasSubstr("No such file or directory"));
  EXPECT_THAT(error.hint(), HasSubstr("libvirtd -d"));
}

TEST(DaemonTrouble, AnUnknownDriverIsNamed) {
  const util::Error error = error_of_opening("foo:///x", 20s);
  EXPECT_EQ(error.kind(), util::Errc::unavailable);
  EXPECT_THAT(error.message(), HasSubstr("foo:///x"));
}

TEST(DaemonTrouble, LibvirtsOwnChatterIsSilent) {
  testing::internal::CaptureStderr();
  error_of_opening("foo:///x", 20s);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace vmtool::virt
