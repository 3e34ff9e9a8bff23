// Names, files and texts that are meant to confuse what the engine keeps about containers.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "tests/support/bundle.hpp"
#include "tests/support/require.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

TEST(AttackState, IdsThatArePaths) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  std::ofstream(bundle.path() / "marker") << "marker";
  for (const std::string id : {"../../x", "a/b", ".", "..", "a\nb", "\x1b[31mred", "", "a b", "$(id)"}) {
    const auto result = bundle.args({"true"}).run(id);
    EXPECT_EQ(result.exit_code, 125) << id;
    EXPECT_EQ(result.err.find('\x1b'), std::string::npos) << "no escape reaches the terminal";
    EXPECT_EQ(bundle.isolate({"delete", "--force", "--", id}).exit_code, 1) << id;
  }
  EXPECT_EQ(bundle.isolate({"delete", "--force", "nobody"}).exit_code, 0);
  EXPECT_TRUE(fs::exists(bundle.path() / "marker"));
  EXPECT_THAT(bundle.leftovers(), IsEmpty());
}

TEST(AttackState, CgroupPathsThatClimb) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  for (const char* path : {"../..", "/a/../../b", "/", "a.slice:../..:x"}) {
    bundle.config["linux"]["cgroupsPath"] = path;
    const auto result = bundle.args({"true"}).run();
    EXPECT_EQ(result.exit_code, 125) << path;
    EXPECT_THAT(result.err, HasSubstr("cgroup")) << path;
  }
  EXPECT_THAT(bundle.leftovers(), IsEmpty());
}

TEST(AttackState, CVE_2024_25621_TheStateIsNobodyElsesBusiness) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  ASSERT_EQ(bundle.args({"sleep", "20"}).start().exit_code, 0);
  struct stat about {};
  ASSERT_EQ(::stat((bundle.state_root() + "/test").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 077, 0u);
  ASSERT_EQ(::stat(bundle.state_root().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 077, 0u);
}

TEST(AttackState, LXC_2015_1331_ASymlinkPlantedWhereTheStateGoes) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  fs::create_directory(bundle.path() / "outside");
  fs::create_directory(bundle.state_root());
  fs::create_directory_symlink(bundle.path() / "outside", bundle.state_root() + "/test");
  EXPECT_EQ(bundle.args({"true"}).run().exit_code, 125);
  EXPECT_TRUE(fs::is_empty(bundle.path() / "outside"));
  bundle.isolate({"delete", "--force", "test"});
  EXPECT_TRUE(fs::exists(bundle.path() / "outside"));
  fs::remove(bundle.state_root() + "/test");
  EXPECT_EQ(bundle.run().exit_code, 0);
}

TEST(AttackState, TwoCreatesOfOneIdAndADeleteMeanwhile) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  bundle.args({"sleep", "20"}).write("same");
  for (int round = 0; round < 5; ++round) {
    int codes[3] = {};
    std::thread a([&] { codes[0] = bundle.create("same").exit_code; });
    std::thread b([&] { codes[1] = bundle.create("same").exit_code; });
    std::thread c([&] { codes[2] = bundle.isolate({"delete", "--force", "same"}).exit_code; });
    a.join();
    b.join();
    c.join();
    // Each may come too late for what another one did; none may do half of it.
    EXPECT_TRUE(codes[0] == 0 || codes[0] == 1) << codes[0];
    EXPECT_TRUE(codes[1] == 0 || codes[1] == 1) << codes[1];
    EXPECT_EQ(codes[2], 0);
    EXPECT_EQ(bundle.isolate({"delete", "--force", "same"}).exit_code, 0);
    EXPECT_THAT(bundle.leftovers(), IsEmpty());
  }
}

TEST(AttackState, ASignalAfterTheEndGoesNowhere) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  ASSERT_EQ(bundle.args({"true"}).start().exit_code, 0);
  for (int attempt = 0; attempt < 200 && bundle.isolate({"state", "test"}).out.find("stopped") == std::string::npos;
       ++attempt)
    ::usleep(10'000);
  EXPECT_THAT(bundle.isolate({"kill", "test", "KILL"}).err, HasSubstr("is not running"));
}

TEST(AttackState, ConfigurationsThatAreTooMuch) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  const auto refusal = [&](const std::string& text) {
    std::ofstream(bundle.path() / "config.json") << text;
    const auto result = bundle.isolate({"run", "--bundle", bundle.path().native(), "test"});
    EXPECT_EQ(result.exit_code, 125);
    return result.err;
  };
  EXPECT_THAT(refusal(std::string(10'000, '[')), HasSubstr("config.json"));
  EXPECT_THAT(refusal(R"({"ociVersion": "1.0.0", "ociVersion": "1.0.0"})"), HasSubstr("twice"));
  EXPECT_THAT(refusal("{\"hostname\": \"\x1b[31m\"}").find('\x1b'), std::string::npos);
  bundle.config["process"]["args"] = {"true", std::string(200'000, 'a')};
  EXPECT_EQ(bundle.run().exit_code, 126) << "a word that is longer than the kernel takes";
  fs::resize_file(bundle.path() / "config.json", 100'000'000);
  EXPECT_THAT(bundle.isolate({"run", "--bundle", bundle.path().native(), "test"}).err, HasSubstr("larger than"));
  EXPECT_THAT(bundle.leftovers(), IsEmpty());
}

}  // namespace
}  // namespace vmtool::tests
