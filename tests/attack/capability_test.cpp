#include <gmock/gmock.h>

#include "tests/support/bundle.hpp"
#include "tests/support/require.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;

TEST(AttackIdentity, Uid4294967295IsRefusedInsteadOfBecomingRoot) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  bundle.config["process"]["user"]["uid"] = 4294967294u;
  EXPECT_THAT(bundle.script("id -u").run().out, HasSubstr("4294967294"));
  bundle.config["process"]["user"]["uid"] = 4294967295u;
  const auto result = bundle.script("id -u").run();
  EXPECT_EQ(result.exit_code, 125);
  EXPECT_THAT(result.err, HasSubstr("process.user.uid"));
}

TEST(AttackIdentity, ExecTakesNumbersOnly) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  ASSERT_EQ(bundle.args({"sleep", "20"}).start().exit_code, 0);
  EXPECT_EQ(bundle.isolate({"exec", "-u", "5:6", "test", "id"}).out, "uid=5 gid=6\n");
  for (const char* user : {"-1", "4294967295", "99999999999", "root", "0x0", "1:2:3", "1:", ":1", " 1", "+1", "01"}) {
    EXPECT_EQ(bundle.isolate({"exec", std::string("--user=") + user, "test", "id"}).exit_code, 125) << user;
  }
}

TEST(AttackIdentity, CVE_2022_29162_NoInheritableCapabilitiesInRunAndExec) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  bundle.config["process"]["capabilities"]["inheritable"] = bundle.config["process"]["capabilities"]["bounding"];
  ASSERT_EQ(bundle.script("grep Cap /proc/self/status; sleep 20").start().exit_code, 0);
  const auto exec = bundle.isolate({"exec", "test", "grep", "Cap", "/proc/self/status"});
  EXPECT_EQ(exec.out, "CapInh:\t0000000000000000\nCapPrm:\t00000000000004fb\nCapEff:\t00000000000004fb\nCapBnd:\t00000000000004fb\nCapAmb:\t0000000000000000\n");
  EXPECT_EQ(bundle.log(), exec.out);
}

}  // namespace
}  // namespace vmtool::tests
