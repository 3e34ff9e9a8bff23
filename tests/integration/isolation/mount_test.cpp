// How mounts hang together: propagation between container and host, and read-only all the way down.
#include <gmock/gmock.h>
#include <sys/mount.h>

#include <fstream>

#include "tests/integration/isolation/supervised.hpp"
#include "tests/support/require.hpp"

namespace vmtool::tests {
namespace {

namespace fs = std::filesystem;

/// A directory that is a mount of its own, with a tmpfs below it; gone at the end.
class MountedDirectory {
 public:
  explicit MountedDirectory(fs::path path, unsigned long propagation) : path_(std::move(path)) {
    fs::create_directory(path_);
    EXPECT_EQ(::mount("tmpfs", path_.c_str(), "tmpfs", 0, nullptr), 0);
    EXPECT_EQ(::mount(nullptr, path_.c_str(), nullptr, propagation, nullptr), 0);
    add("below");
  }
  MountedDirectory(const MountedDirectory&) = delete;
  MountedDirectory& operator=(const MountedDirectory&) = delete;
  ~MountedDirectory() { ::umount2(path_.c_str(), MNT_DETACH); }

  /// A tmpfs with a file in it.
  void add(const std::string& name) const {
    fs::create_directory(path_ / name);
    EXPECT_EQ(::mount("tmpfs", (path_ / name).c_str(), "tmpfs", 0, nullptr), 0);
    std::ofstream(path_ / name / "file") << name;
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

TEST(Mounts, ReadOnlyRecursivelyOrOnTopOnly) {
  VMTOOL_NEEDS("mount");
  Bundle bundle;
  const MountedDirectory data(bundle.path() / "data", MS_PRIVATE);
  const std::string script =
      "touch /data/x 2>/dev/null && echo top; touch /data/below/x 2>/dev/null && echo below; cat /data/below/file";
  bundle.mount("/data", "bind", data.path().native(), {"rbind", "ro"});
  EXPECT_EQ(bundle.script(script).run().out, "below\nbelow") << "ro alone is for the mount itself";
  bundle.config["mounts"].back()["options"] = {"rbind", "rro"};
  EXPECT_EQ(bundle.run().out, "below") << "rro is for all of them";
  bundle.config["mounts"].back()["options"] = {"bind"};
  EXPECT_EQ(bundle.script("ls /data/below").run().out, "") << "bind leaves behind what is mounted below";
}

TEST(Mounts, PropagationIsThatOfTheOptions) {
  VMTOOL_NEEDS("mount");
  for (const bool slave : {true, false}) {
    Supervised container;
    const MountedDirectory data(container.bundle.path() / "data", MS_SHARED);
    container.bundle.config["linux"]["rootfsPropagation"] = "rslave";
    container.bundle.mount("/data", "bind", data.path().native(), {"rbind", slave ? "rslave" : "rprivate"});
    container.bundle.mount("/own", "tmpfs", "tmpfs");
    container.bundle.script(
        "echo ready; while [ ! -e /own/go ]; do sleep 0.02; done; cat /data/late/file || echo nothing");
    ASSERT_EQ(container.start().exit_code, 0);
    ASSERT_TRUE(container.wait_for_log("ready"));
    data.add("late");
    EXPECT_EQ(container.bundle.isolate({"exec", "test", "touch", "/own/go"}).exit_code, 0);
    ASSERT_TRUE(container.wait_for_state("exited"));
    EXPECT_THAT(container.read("log"), testing::HasSubstr(slave ? "stdout P late" : "stdout F nothing"));
    EXPECT_TRUE(fs::exists(data.path() / "late/file")) << "the host keeps its own";
  }
}

TEST(Mounts, NothingMountedInsideReachesTheHost) {
  VMTOOL_NEEDS("mount");
  Supervised container;
  const MountedDirectory data(container.bundle.path() / "data", MS_SHARED);
  container.bundle.config["linux"]["rootfsPropagation"] = "rslave";
  container.bundle.mount("/data", "bind", data.path().native(), {"rbind", "rslave"});
  container.bundle.mount("/data/below", "tmpfs", "tmpfs");
  container.bundle.script("ls /data/below; echo ready; sleep 60");
  ASSERT_EQ(container.start({"--stop-timeout", "0"}).exit_code, 0);
  ASSERT_TRUE(container.wait_for_log("ready"));
  EXPECT_THAT(container.read("log"), testing::Not(testing::HasSubstr("file"))) << "the container's tmpfs covers it";
  EXPECT_TRUE(fs::exists(data.path() / "below/file")) << "but not for the host";
  EXPECT_TRUE(container.stop());
}

}  // namespace
}  // namespace vmtool::tests
