// A new identity in place where only a kernel can write: all of it, or nothing.
#include "ops/identity_reset.hpp"

#include <gmock/gmock.h>

#include "ops/reset_redo.hpp"
#include "tests/integration/ops/clone_scene.hpp"
#include "util/error.hpp"

namespace vmtool::tests {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ResetOfXfs : public CloneScene {
 protected:
  void SetUp() override {
    VMTOOL_NEEDS("tcg");
    VMTOOL_NEEDS("mount");
    CloneScene::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ::setenv("VMTOOL_STATE_DIR", state_dir().c_str(), 1);
    make_xfs(disk(), guest_);
    connect().define_domain("<domain type='qemu'><name>vt-clone-xfs</name><memory unit='MiB'>64</memory><os><type arch='x86_64'>hvm</type></os><devices>"
                            "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='" + disk().native() +
                            "'/><target dev='vda' bus='virtio'/></disk></devices></domain>");
  }
  void TearDown() override {
    CloneScene::TearDown();
    ::unsetenv("VMTOOL_STATE_DIR");
  }
  std::filesystem::path disk() const { return pool_file("vt-clone-xfs.raw"); }
  std::string machine_id() const {
    const TempDir place;
    util::run_checked({.args = {"mount", "-o", "ro,loop", disk(), place.path()}});
    const util::Result content = util::run({.args = {"cat", place.path() / "etc/machine-id"}});
    util::run_checked({.args = {"umount", place.path()}});
    return content.out;
  }
  std::filesystem::path redo() const { return state_dir() / "journal" / "identity-vt-clone-xfs.redo"; }
};

TEST_F(ResetOfXfs, GoesIntoTheDiskWhenAllIsWell) {
  const std::string before = digest(disk());
  EXPECT_THROW(ops::reset_identity(connect(), "vt-clone-xfs", {}, reporter_, [] { throw util::Error(util::Errc::io, "made to fail"); }), util::Error);
  EXPECT_EQ(digest(disk()), before);
  EXPECT_THAT(ops::interrupted_resets(), IsEmpty());
  const identity::Report report = ops::reset_identity(connect(), "vt-clone-xfs", {}, reporter_);
  EXPECT_EQ(machine_id(), report.machine_id + "\n");
  EXPECT_EQ(util::run({.args = {"xfs_repair", "-n", "-f", disk()}}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(redo()));
}

TEST_F(ResetOfXfs, IsUndoneOrFinishedAfterAKill) {
  std::filesystem::create_directories(redo().parent_path());
  const identity::Target target{.disks = {{{{disk(), "raw"}}}}};
  const std::string before = digest(disk());
  // Killed while the overlay was written.
  { const ops::ResetRedo killed(redo(), target); }
  EXPECT_THAT(ops::interrupted_resets(), ElementsAre("vt-clone-xfs"));
  EXPECT_THROW(ops::reset_identity(connect(), "vt-clone-xfs", {}, reporter_), util::Error);
  ops::recover_reset("vt-clone-xfs");
  EXPECT_EQ(digest(disk()), before);
  EXPECT_THAT(ops::interrupted_resets(), IsEmpty());
  // Killed when it was complete.
  const ops::ResetRedo killed(redo(), target);
  identity::Target on_overlays = killed.target();
  on_overlays.way = identity::Way::appliance;
  const std::string renewed = identity::renew({on_overlays, {}, {}}).machine_id;
  EXPECT_EQ(digest(disk()), before);
  killed.make_ready();
  ops::recover_reset("vt-clone-xfs");
  EXPECT_EQ(machine_id(), renewed + "\n");
  EXPECT_FALSE(std::filesystem::exists(redo()));
}

}  // namespace
}  // namespace vmtool::tests
