// A new identity in place where only a kernel can write: all of it, or nothing.
#include "ops/identity_reset.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>

#include "ops/reset_redo.hpp"
#include "tests/integration/ops/clone_scene.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::tests {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ResetByAppliance : public CloneScene {
 protected:
  void SetUp() override {
    VMTOOL_NEEDS("tcg");
    CloneScene::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ::setenv("VMTOOL_STATE_DIR", state_dir().c_str(), 1);
    util::open_file(disk(), O_RDWR | O_CREAT, 0600);
    std::filesystem::resize_file(disk(), 160 << 20);
    util::run_checked({.args = {"mkfs.btrfs", "-q", "-f", "--rootdir", guest_.path(), disk()}});
    connect().define_domain(
        "<domain type='qemu'><name>vt-clone-btrfs</name><memory unit='MiB'>64</memory><os><type "
        "arch='x86_64'>hvm</type></os><devices>"
        "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='" +
        disk().native() + "'/><target dev='vda' bus='virtio'/></disk></devices></domain>");
  }
  void TearDown() override {
    CloneScene::TearDown();
    ::unsetenv("VMTOOL_STATE_DIR");
  }
  std::filesystem::path disk() const { return pool_file("vt-clone-btrfs.raw"); }
  // By another reader than the one that wrote it.
  std::string machine_id() const {
    const TempDir place;
    util::run_checked({.args = {"btrfs", "restore", disk(), place.path()}});
    return util::read_file(place.path() / "etc/machine-id", 100);
  }
  std::filesystem::path redo() const { return state_dir() / "journal" / "identity-vt-clone-btrfs.redo"; }
};

TEST_F(ResetByAppliance, GoesIntoTheDiskWhenAllIsWell) {
  const identity::Report report = ops::reset_identity(connect(), "vt-clone-btrfs", {}, reporter_);
  EXPECT_EQ(machine_id(), report.machine_id + "\n");
  EXPECT_EQ(util::run({.args = {"btrfs", "check", "--readonly", disk()}}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(redo()));
}

TEST_F(ResetByAppliance, IsUndoneOrFinishedAfterAKill) {
  std::filesystem::create_directories(redo().parent_path());
  const identity::Target target{.disks = {{{{disk(), "raw"}}}}};
  const std::string before = digest(disk());
  // Killed while the overlay was written.
  { const ops::ResetRedo killed(redo(), target); }
  EXPECT_THAT(ops::interrupted_resets(), ElementsAre("vt-clone-btrfs"));
  EXPECT_THROW(ops::reset_identity(connect(), "vt-clone-btrfs", {}, reporter_), util::Error);
  ops::recover_reset("vt-clone-btrfs");
  EXPECT_EQ(digest(disk()), before);
  EXPECT_THAT(ops::interrupted_resets(), IsEmpty());
  // Killed when it was complete.
  const ops::ResetRedo killed(redo(), target);
  util::run_checked(
      {.args = {"qemu-io", "-f", "qcow2", "-c", "write -P 0x77 150M 4k", killed.target().disks[0].chain[0].path}});
  EXPECT_EQ(digest(disk()), before);
  killed.make_ready();
  ops::recover_reset("vt-clone-btrfs");
  util::run_checked({.args = {"qemu-io", "-f", "raw", "-c", "read -P 0x77 150M 4k", disk()}});
  EXPECT_FALSE(std::filesystem::exists(redo()));
}

}  // namespace
}  // namespace vmtool::tests
