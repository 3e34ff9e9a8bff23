// Containers of an ordinary user, with one id of its own and with subordinate ones.
#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/bundle.hpp"
#include "tests/support/require.hpp"

namespace vmtool::tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr const char* user = "12345";

/// A bundle that belongs to the user, and `isolate` beside it, since the build may lie where only root gets to.
struct Rootless : testing::Test {
  Bundle bundle;
  fs::path run = bundle.path() / "run";

  Rootless() {
    fs::permissions(bundle.path(), fs::perms::all);
    fs::create_directory(run);
    fs::copy_file(std::getenv("VMTOOL_ISOLATE"), bundle.path() / "program");
    fs::permissions(bundle.path() / "program", fs::perms::all);
    bundle.config["linux"]["namespaces"].push_back({{"type", "user"}});
    bundle.config["linux"].erase("resources");
    map_ids({{{"containerID", 0}, {"hostID", 12345}, {"size", 1}}});
  }

  void map_ids(const json& map) {
    for (const char* name : {"uidMappings", "gidMappings"}) bundle.config["linux"][name] = map;
  }

  /// `isolate run` as that user; `before` is a piece of shell that root runs in a mount namespace of its own.
  util::Result run_as_user(const std::string& before = "true") {
    bundle.write("test");
    util::run_checked({{"chown", "-R", std::string(user) + ":" + user, bundle.path().native()}});
    return util::run({{"unshare", "-m", "--propagation", "private", "/bin/sh", "-c",
                       before + "; exec setpriv --reuid 12345 --regid 12345 --clear-groups env "
                                "XDG_RUNTIME_DIR=\"$0/run\" \"$0/program\" run --bundle \"$0\" test",
                       bundle.path().native()}});
  }
};

TEST_F(Rootless, OneIdIsEnoughAndMayNotChangeGroups) {
  VMTOOL_NEEDS("root");
  VMTOOL_NEEDS("userns");
  bundle.script("id; cat /proc/self/uid_map /proc/self/setgroups; hostname; echo $$; exit 3");
  const auto result = run_as_user();
  EXPECT_EQ(result.out, "uid=0 gid=0\n         0      12345          1\ndeny\ninside\n1\n") << result.err;
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_FALSE(fs::exists(run / "isolate/test")) << "nothing is left";
}

// The cgroups that a user may not make are named in the state before they are tried.
TEST_F(Rootless, AFurtherProcessJoinsAContainerWithoutCgroups) {
  VMTOOL_NEEDS("root");
  VMTOOL_NEEDS("userns");
  bundle.script("exec sleep 60");
  bundle.write("test");
  util::run_checked({{"chown", "-R", std::string(user) + ":" + user, bundle.path().native()}});
  const auto result = util::run({{"setpriv", "--reuid", user, "--regid", user, "--clear-groups", "env",
                                  "XDG_RUNTIME_DIR=" + run.native(), "/bin/sh", "-c",
                                  "\"$0/program\" run --detach --bundle \"$0\" test </dev/null >/dev/null 2>&1; "
                                  "\"$0/program\" exec test id -u; code=$?; "
                                  "\"$0/program\" delete --force test; exit $code",
                                  bundle.path().native()}});
  EXPECT_EQ(result.out, "0\n") << result.err;
  EXPECT_EQ(result.exit_code, 0);
}

TEST_F(Rootless, TheKernelsOverlayIsMountedInTheUserNamespace) {
  VMTOOL_NEEDS("root");
  VMTOOL_NEEDS("userns");
  fs::rename(bundle.root(), bundle.path() / "lower");
  for (const char* name : {"rootfs", "upper", "work"}) fs::create_directory(bundle.path() / name);
  bundle.overlay({"lowerdir+=lower", "upperdir=upper", "workdir=work"});
  bundle.script("touch /made; rm /bin/wc; grep -o 'overlay / overlay' /proc/mounts; grep -o userxattr /proc/mounts");
  const auto result = run_as_user();
  EXPECT_EQ(result.out, "overlay / overlay\nuserxattr\n") << result.err;
  EXPECT_TRUE(fs::exists(bundle.path() / "upper/made"));
  EXPECT_TRUE(fs::is_character_file(bundle.path() / "upper/bin/wc")) << "a whiteout";
  EXPECT_TRUE(fs::is_symlink(bundle.path() / "lower/bin/wc"));
}

TEST_F(Rootless, FuseOverlayfsServesWhatTheKernelsOverlayRefuses) {
  VMTOOL_NEEDS("mount");
  VMTOOL_NEEDS("userns");
  VMTOOL_NEEDS("fuse");
  fs::rename(bundle.root(), bundle.path() / "lower");
  for (const char* name : {"rootfs", "upper", "work", "empty", "one", "two"})
    fs::create_directory(bundle.path() / name);
  // The kernel stacks two of them on each other and refuses the third.
  const std::string before =
      "mount -t overlay -o lowerdir=$0/lower:$0/empty x $0/one && mount -t overlay -o lowerdir=$0/one:$0/empty x "
      "$0/two";
  bundle.overlay({"lowerdir+=two", "upperdir=upper", "workdir=work"});
  bundle.script(
      "touch /made; rm /bin/wc; grep -o ' / fuse' /proc/mounts; ls /bin/wc 2>/dev/null; ps | grep -c "
      "'[f]use-overlayfs'");
  const auto result = run_as_user(before);
  EXPECT_EQ(result.out, " / fuse\n0\n") << result.err;
  EXPECT_TRUE(fs::exists(bundle.path() / "upper/made"));
  EXPECT_TRUE(fs::is_symlink(bundle.path() / "lower/bin/wc"));
  const auto serves = [&] { return !util::run({{"pgrep", "-f", "lowerdir=" + bundle.path().native()}}).out.empty(); };
  for (int attempt = 0; attempt < 500 && serves(); ++attempt) ::usleep(10'000);
  EXPECT_FALSE(serves()) << "the server ends with the container";
}

TEST_F(Rootless, SubordinateIdsAreMappedByNewuidmap) {
  VMTOOL_NEEDS("root");
  VMTOOL_NEEDS("userns");
  const std::string file = (bundle.path() / "subid").native();
  std::ofstream(file) << "12345:200000:65536\n";
  // newuidmap wants its caller to have a name.
  const std::string names = (bundle.path() / "passwd").native();
  std::ofstream(names) << std::ifstream("/etc/passwd").rdbuf() << "vmtooltest:x:12345:12345::/tmp:/bin/sh\n";
  const std::string before = "mount --bind " + names + " /etc/passwd && mount --bind " + file +
                             " /etc/subuid && mount --bind " + file + " /etc/subgid";
  map_ids({{{"containerID", 0}, {"hostID", 12345}, {"size", 1}},
           {{"containerID", 1}, {"hostID", 200000}, {"size", 65535}}});
  bundle.config["process"]["user"] = {{"uid", 7}, {"gid", 8}, {"additionalGids", {9}}};
  bundle.args({"id"});
  const auto result = run_as_user(before);
  EXPECT_EQ(result.out, "uid=7 gid=8 groups=9\n") << result.err;
  map_ids({{{"containerID", 0}, {"hostID", 12345}, {"size", 1}},
           {{"containerID", 1}, {"hostID", 300000}, {"size", 65535}}});
  EXPECT_THAT(run_as_user(before).err, HasSubstr("beyond the subordinate range"));
}

TEST_F(Rootless, ALimitThatCanNotBeEnforcedIsAnError) {
  VMTOOL_NEEDS("root");
  VMTOOL_NEEDS("userns");
  bundle.config["linux"]["resources"]["memory"]["limit"] = 50 << 20;
  bundle.args({"true"});
  const auto result = run_as_user();
  EXPECT_EQ(result.exit_code, 125);
  EXPECT_THAT(result.err, HasSubstr("cgroup"));
}

}  // namespace
}  // namespace vmtool::tests
