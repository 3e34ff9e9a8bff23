// Bundles that are wrong: one clear error, the code for an error of our own, and nothing left.
#include <gmock/gmock.h>
#include <sys/mount.h>

#include <fstream>

#include "tests/support/bundle.hpp"
#include "tests/support/require.hpp"

namespace vmtool::tests {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

struct BadInput : testing::Test {
  Bundle bundle;

  void expect_refused(const std::string& why) {
    const auto result = bundle.run();
    EXPECT_EQ(result.exit_code, 125) << why;
    EXPECT_THAT(result.err, AllOf(HasSubstr(why), testing::StartsWith("isolate: ")));
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(bundle.leftovers(), IsEmpty()) << why;
  }
};

TEST_F(BadInput, ARootThatIsNoDirectory) {
  VMTOOL_NEEDS("root");
  std::ofstream(bundle.path() / "file") << "x";
  bundle.config["root"]["path"] = "file";
  expect_refused("is no directory");
  bundle.config["root"]["path"] = "gone";
  expect_refused("the root filesystem '" + (bundle.path() / "gone").native() + "'");
}

TEST_F(BadInput, LayersThatAreNoDirectories) {
  VMTOOL_NEEDS("root");
  fs::rename(bundle.root(), bundle.path() / "lower");
  for (const char* name : {"rootfs", "upper", "work"}) fs::create_directory(bundle.path() / name);
  fs::create_directory_symlink("/etc", bundle.path() / "out");
  const auto layer = [&](const std::string& text) {
    bundle.config["mounts"].erase(0);
    return std::vector<std::string>{"lowerdir+=" + text, "upperdir=upper", "workdir=work"};
  };
  bundle.overlay({"lowerdir+=lower", "lowerdir+=out", "upperdir=upper", "workdir=work"});
  expect_refused("the lower layer '" + (bundle.path() / "out").native() + "' is a symlink");
  bundle.overlay(layer("gone"));
  expect_refused("the lower layer '" + (bundle.path() / "gone").native() + "'");
  bundle.overlay(layer("config.json"));
  expect_refused("is no directory");
  EXPECT_TRUE(fs::is_empty(bundle.path() / "upper"));
}

TEST_F(BadInput, MountPointsThatClimb) {
  VMTOOL_NEEDS("root");
  bundle.mount("/tmp/../../etc", "tmpfs", "tmpfs");
  expect_refused("the mount point '/tmp/../../etc' has '..' in it");
  bundle.config["mounts"].back()["destination"] = "relative";
  expect_refused("is not absolute");
  bundle.config["mounts"].back() = {{"destination", "/tmp"}, {"type", "nosuchfs"}, {"source", "x"}};
  expect_refused("while mounting nosuchfs on '/tmp'");
}

TEST_F(BadInput, NamesThatNobodyKnows) {
  VMTOOL_NEEDS("root");
  const json config = bundle.config;
  bundle.config["process"]["capabilities"]["bounding"].push_back("CAP_FLY");
  expect_refused("there is no capability 'CAP_FLY'");
  bundle.config = config;
  const auto profile = [&](const char* call, const char* action) {
    bundle.config["linux"]["seccomp"] = {{"defaultAction", "SCMP_ACT_ALLOW"},
                                         {"syscalls", {{{"names", {call}}, {"action", action}}}}};
  };
  profile("read", "SCMP_ACT_DANCE");
  expect_refused("seccomp has no action 'SCMP_ACT_DANCE'");
  bundle.config = config;
  bundle.config["linux"]["namespaces"].push_back({{"type", "dream"}});
  expect_refused("there is no namespace 'dream'");
  bundle.config = config;
  bundle.config["process"]["user"]["uid"] = 4294967295U;
  expect_refused("process.user.uid");
  bundle.config = config;
  profile("no_such_call", "SCMP_ACT_ERRNO");
  expect_refused("no_such_call");
}

TEST_F(BadInput, AStateDirectoryOnAFullDisk) {
  VMTOOL_NEEDS("mount");
  fs::create_directory(bundle.path() / "state");
  ASSERT_EQ(::mount("tmpfs", (bundle.path() / "state").c_str(), "tmpfs", 0, "size=4k,nr_inodes=16,mode=700"), 0);
  bundle.config["linux"]["seccomp"] = nullptr;
  std::ofstream(bundle.path() / "state/fill") << std::string(8192, 'x');
  const auto result = bundle.run();
  EXPECT_EQ(result.exit_code, 125);
  EXPECT_THAT(result.err, HasSubstr("No space left"));
  fs::remove(bundle.path() / "state/fill");
  EXPECT_THAT(bundle.leftovers(), IsEmpty());
  EXPECT_EQ(::umount2((bundle.path() / "state").c_str(), MNT_DETACH), 0);
}

}  // namespace
}  // namespace vmtool::tests
