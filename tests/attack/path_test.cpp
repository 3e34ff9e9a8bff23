// Images whose paths lead out: every operation has to stay inside the root.
#include <gmock/gmock.h>

#include <fcntl.h>
#include <stdio.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "tests/support/bundle.hpp"
#include "tests/support/require.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A bundle with a directory of the host's beside the root, which nothing may reach.
struct PathAttack : testing::Test {
  Bundle bundle;
  fs::path outside = bundle.path() / "outside";
  PathAttack() {
    fs::create_directory(outside);
    std::ofstream(outside / "marker") << "marker";
  }
  void drop_mount(const std::string& destination) {
    auto& mounts = bundle.config["mounts"];
    for (std::size_t i = 0; i < mounts.size();) {
      if (mounts[i]["destination"].get<std::string>().starts_with(destination)) {
        mounts.erase(i);
      } else {
        ++i;
      }
    }
  }
  /// The same link, followed as a process of the host would: the attack's aim is real.
  void expect_leads_outside(const fs::path& link) const { EXPECT_TRUE(fs::exists(link / "marker")); }
};

TEST_F(PathAttack, CVE_2026_41579_DevIsASymlinkToTheHost) {
  VMTOOL_NEEDS("root");
  fs::remove(bundle.root() / "dev");
  fs::create_directory_symlink(outside, bundle.root() / "dev");
  expect_leads_outside(bundle.root() / "dev");
  drop_mount("/dev");
  bundle.run();
  EXPECT_EQ(std::distance(fs::directory_iterator(outside), {}), 1) << "no node was made outside";
}

TEST_F(PathAttack, MountTargetsBehindASymlinkStayInside) {
  VMTOOL_NEEDS("root");
  fs::create_directory_symlink(outside, bundle.root() / "data");
  expect_leads_outside(bundle.root() / "data");
  bundle.mount("/data/new/deep", "tmpfs", "tmpfs");
  bundle.run();
  EXPECT_EQ(std::distance(fs::directory_iterator(outside), {}), 1) << "no directory was made outside";
}

TEST_F(PathAttack, CVE_2019_19921_ProcIsASymlink) {
  VMTOOL_NEEDS("root");
  fs::remove(bundle.root() / "proc");
  fs::create_directory(bundle.root() / "evil");
  fs::create_directory_symlink("evil", bundle.root() / "proc");
  const auto result = bundle.run();
  EXPECT_EQ(result.exit_code, 125);
  EXPECT_THAT(result.err, HasSubstr("must be a real directory"));
  EXPECT_THAT(result.err, HasSubstr("while mounting proc on '/proc'"));
}

TEST_F(PathAttack, CVE_2023_27561_SysIsASymlink) {
  VMTOOL_NEEDS("root");
  fs::remove(bundle.root() / "sys");
  fs::create_directory_symlink("etc", bundle.root() / "sys");
  EXPECT_THAT(bundle.run().err, HasSubstr("must be a real directory"));
}

TEST_F(PathAttack, CVE_2025_31133_MasksDoNotUseTheImagesDevNull) {
  VMTOOL_NEEDS("root");
  drop_mount("/dev");
  // Without a tmpfs on /dev, the image's own node is what a runtime would cover masked paths with.
  fs::create_symlink("/proc/sys/kernel/domainname", bundle.root() / "dev/null");
  const auto result = bundle.script("cat /proc/keys").run();
  EXPECT_EQ(result.exit_code, 125) << result.out;
  EXPECT_THAT(result.err, HasSubstr("something else stands there already"));
}

TEST_F(PathAttack, DevNullAsASymlinkDoesNotRedirectOutput) {
  VMTOOL_NEEDS("root");
  drop_mount("/dev");
  fs::create_symlink(outside / "marker", bundle.root() / "dev/null");
  bundle.script("echo overwritten").run();
  EXPECT_EQ(content(outside / "marker"), "marker");
}

TEST_F(PathAttack, ALowerLayerThatIsASymlinkIsRefused) {
  VMTOOL_NEEDS("root");
  fs::create_directory_symlink(outside, bundle.path() / "layer");
  bundle.overlay({"lowerdir+=layer"});
  EXPECT_THAT(bundle.run().err, HasSubstr("is a symlink"));
}

TEST_F(PathAttack, CVE_2025_52565_TheConsoleIsASymlinkToTheHost) {
  VMTOOL_NEEDS("root");
  auto& mounts = bundle.config["mounts"];
  for (std::size_t i = mounts.size(); i-- > 0;) {
    if (mounts[i]["destination"] == "/dev") mounts.erase(i);
  }
  bundle.config["process"]["terminal"] = true;
  fs::create_symlink(outside / "marker", bundle.root() / "dev/console");
  bundle.script("echo overwritten > /dev/console; echo overwritten").run();
  EXPECT_EQ(content(outside / "marker"), "marker");
  fs::remove(bundle.root() / "dev/console");
  EXPECT_THAT(bundle.script("echo to the console > /dev/console").run().out, HasSubstr("to the console"))
      << "without the symlink it is the terminal";
}

TEST_F(PathAttack, CVE_2025_52881_AFalseProcDoesNotTakeWhatIsWrittenToProc) {
  VMTOOL_NEEDS("root");
  drop_mount("/proc");
  bundle.config["linux"].erase("maskedPaths");
  bundle.config["linux"].erase("readonlyPaths");
  fs::create_directories(bundle.root() / "proc/sys/kernel");
  std::ofstream(bundle.root() / "proc/sys/kernel/domainname") << "untouched";
  bundle.mount("/real", "proc", "proc");
  bundle.config["linux"]["sysctl"]["kernel.domainname"] = "written";
  const auto result = bundle.script("cat /proc/sys/kernel/domainname; echo; cat /real/sys/kernel/domainname").run();
  EXPECT_EQ(result.out, "untouched\nwritten\n") << result.err;
}

TEST_F(PathAttack, CVE_2021_30465_ASymlinkIsExchangedForTheMountPointMeanwhile) {
  VMTOOL_NEEDS("root");
  fs::create_directory(bundle.root() / "data");
  fs::create_directory_symlink(outside, bundle.root() / "swap");
  bundle.mount("/data/deep/inside", "tmpfs", "tmpfs").mount("/data/second", "tmpfs", "tmpfs");
  std::atomic<bool> stop = false;
  std::atomic<int> swaps = 0;
  std::thread racer([&] {
    const std::string a = (bundle.root() / "data").native();
    const std::string b = (bundle.root() / "swap").native();
    while (!stop) swaps += ::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0 ? 1 : 0;
  });
  int started = 0;
  for (int round = 0; round < 30; ++round)
    started += bundle.args({"true"}).run("race" + std::to_string(round)).exit_code == 0 ? 1 : 0;
  stop = true;
  racer.join();
  EXPECT_GT(swaps, 1000) << "the race was run";
  EXPECT_GT(started, 0) << "some containers found the directory";
  EXPECT_EQ(std::distance(fs::directory_iterator(outside), {}), 1) << "nothing was made outside";
  EXPECT_THAT(bundle.leftovers(), IsEmpty());
}

TEST_F(PathAttack, CVE_2026_55686_TheWorkingDirectoryIsMadeBehindASymlink) {
  VMTOOL_NEEDS("root");
  fs::create_directory_symlink(outside, bundle.root() / "work");
  expect_leads_outside(bundle.root() / "work");
  bundle.config["process"]["cwd"] = "/work/made";
  bundle.script("pwd").run();
  EXPECT_EQ(std::distance(fs::directory_iterator(outside), {}), 1);
  fs::remove(bundle.root() / "work");
  EXPECT_EQ(bundle.run().out, "/work/made\n") << "without the symlink it is made";
}

TEST_F(PathAttack, CVE_2019_14271_NothingOfTheImageIsLoaded) {
  const std::string program = content(std::getenv("VMTOOL_ISOLATE"));
  ASSERT_TRUE(program.starts_with("\177ELF"));
  EXPECT_EQ(program.find("/lib64/ld-linux"), std::string::npos)
      << "a static program has no loader that the image could replace";
}

}  // namespace
}  // namespace vmtool::tests
