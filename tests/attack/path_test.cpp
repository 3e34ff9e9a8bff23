// Images whose paths lead out: every operation has to stay inside the root.
#include <gmock/gmock.h>

#include <fstream>

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

TEST_F(PathAttack, CVE_2024_21626_CwdThroughALeakedDescriptor) {
  VMTOOL_NEEDS("root");
  for (int descriptor = 3; descriptor < 12; ++descriptor) {
    bundle.config["process"]["cwd"] = "/proc/self/fd/" + std::to_string(descriptor);
    const auto result = bundle.script("cat marker ../marker ../outside/marker").run();
    EXPECT_THAT(result.out, Not(HasSubstr("marker"))) << descriptor;
    EXPECT_NE(result.exit_code, 0);
  }
}

TEST_F(PathAttack, CVE_2024_21626_ExecWithSuchACwd) {
  VMTOOL_NEEDS("root");
  ASSERT_EQ(bundle.args({"sleep", "20"}).start().exit_code, 0);
  for (int descriptor = 3; descriptor < 12; ++descriptor) {
    EXPECT_EQ(bundle.isolate({"exec", "--cwd", "/proc/self/fd/" + std::to_string(descriptor), "test", "pwd"}).exit_code, 125);
  }
  EXPECT_EQ(bundle.isolate({"exec", "--cwd", "/tmp", "test", "pwd"}).out, "/tmp\n");
}

TEST_F(PathAttack, CVE_2019_5736_TheEntryPointIsTheRuntimesOwnBinary) {
  VMTOOL_NEEDS("root");
  const fs::path program = std::getenv("VMTOOL_ISOLATE");
  const auto before = fs::last_write_time(program);
  const auto size = fs::file_size(program);
  for (const char* interpreter : {"/proc/self/exe", "/proc/1/exe", "/proc/thread-self/exe"}) {
    std::ofstream(bundle.root() / "bin/entry", std::ios::trunc) << "#!" << interpreter << "\n";
    fs::permissions(bundle.root() / "bin/entry", fs::perms::all);
    const auto result = bundle.args({"/bin/entry", "--version"}).run();
    EXPECT_THAT(result.out, Not(HasSubstr("isolate version"))) << "it ran the engine inside: " << interpreter;
  }
  // The same entry point does run a program's own binary where nothing stands between.
  const auto unprotected = util::run({{"/bin/sh", "-c", "exec \"$0\" --version", program.native()}});
  EXPECT_THAT(unprotected.out, HasSubstr("isolate version"));
  EXPECT_EQ(fs::last_write_time(program), before);
  EXPECT_EQ(fs::file_size(program), size);
}

TEST_F(PathAttack, CVE_2019_5736_ExecOfProcSelfExe) {
  VMTOOL_NEEDS("root");
  ASSERT_EQ(bundle.args({"sleep", "20"}).start().exit_code, 0);
  const auto result = bundle.isolate({"exec", "test", "/proc/self/exe", "--version"});
  EXPECT_THAT(result.out, Not(HasSubstr("isolate version")));
}

}  // namespace
}  // namespace vmtool::tests
