#include <gmock/gmock.h>
#include <unistd.h>

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
  EXPECT_EQ(exec.out,
            "CapInh:\t0000000000000000\nCapPrm:\t00000000000004fb\nCapEff:\t00000000000004fb\nCapBnd:"
            "\t00000000000004fb\nCapAmb:\t0000000000000000\n");
  // Its own process may still be on its way.
  for (int attempt = 0; attempt < 1000 && bundle.log().size() < exec.out.size(); ++attempt) ::usleep(10'000);
  EXPECT_EQ(bundle.log(), exec.out);
}

TEST(AttackIdentity, CVE_2014_8989_GroupsAndUmaskOfTheCallerAreNotInherited) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  bundle.script("id; umask").write("test");
  const auto as_member = [&](const std::string& program) {
    return util::run({{"setpriv", "--groups", "4,27", "/bin/sh", "-c", "umask 0; exec " + program}}).out;
  };
  EXPECT_THAT(as_member("id -G"), HasSubstr("27")) << "the caller has them";
  EXPECT_EQ(as_member(std::string(std::getenv("VMTOOL_ISOLATE")) + " --root " + bundle.state_root() + " run --bundle " +
                      bundle.path().native() + " test"),
            "uid=0 gid=0\n0022\n");
}

TEST(AttackIdentity, CVE_2018_7169_MapsThatOverlapOrReachBeyondAllIds) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  bundle.config["linux"]["namespaces"].push_back({{"type", "user"}});
  const auto refusal = [&](const nlohmann::json& map) {
    bundle.config["linux"]["uidMappings"] = map;
    bundle.config["linux"]["gidMappings"] = {{{"containerID", 0}, {"hostID", 200000}, {"size", 65536}}};
    const auto result = bundle.args({"true"}).run();
    return std::to_string(result.exit_code) + " " + result.err;
  };
  using nlohmann::json;
  const auto line = [](std::uint64_t inside, std::uint64_t outside, std::uint64_t size) {
    return json{{"containerID", inside}, {"hostID", outside}, {"size", size}};
  };
  EXPECT_THAT(refusal(json::array({line(0, 200000, 10), line(5, 300000, 10)})),
              HasSubstr("125 isolate: the uid map has overlapping ranges"));
  EXPECT_THAT(refusal(json::array({line(0, 200000, 10), line(10, 200005, 10)})), HasSubstr("overlapping"));
  EXPECT_THAT(refusal(json::array({line(0, 4294967290, 10)})), HasSubstr("beyond 4294967294"));
  EXPECT_THAT(refusal(json::array({line(1, 200000, 10)})), HasSubstr("no id 0"));
  EXPECT_THAT(refusal(json::array({line(0, 200000, 65536)})), testing::StartsWith("0 ")) << "a sound map works";
}

}  // namespace
}  // namespace vmtool::tests
