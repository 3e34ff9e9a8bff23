// Clones in ways of their own: of a running machine, of a snapshot, of a template, on a file system with reflinks, by the micro-appliance, with a
// TPM.
#include <gmock/gmock.h>
#include <sys/mount.h>

#include "ops/clone.hpp"
#include "ops/recover.hpp"
#include "ops/seal_template.hpp"
#include "tests/integration/identity/xfs_image.hpp"
#include "tests/integration/ops/clone_scene.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::tests {
namespace {

using ops::CloneMode;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class CloneWays : public CloneScene {
 protected:
  static util::Result virsh(std::vector<std::string> args) {
    args.insert(args.begin(), {"virsh", "-c", "qemu:///system"});
    return util::run({.args = std::move(args), .time_limit = std::chrono::minutes(1)});
  }
  static void expect_ok(const util::Result& result) { EXPECT_EQ(result.exit_code, 0) << result.err; }
  static std::string disk_of(const ops::CloneReport& report, const std::string& target = "vda") {
    for (const auto& disk : report.disks) {
      if (disk.target == target) return disk.path;
    }
    return "no disk " + target;
  }
  // A machine as simple as libvirt wants it for internal snapshots, on a copy of the source's disk.
  ops::CloneOptions options_for_plain_machine() const {
    std::filesystem::copy_file(pool_file("vt-clone-src-root.qcow2"), pool_file("vt-clone-plain.qcow2"));
    connect().define_domain(
        "<domain type='qemu'><name>vt-clone-plain</name><memory unit='MiB'>64</memory><os><type arch='x86_64' "
        "machine='q35'>hvm</type></os><devices>"
        "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='" +
        pool_file("vt-clone-plain.qcow2").native() + "'/><target dev='vda' bus='virtio'/></disk></devices></domain>");
    connect().find_pool(clone_pool)->refresh();
    ops::CloneOptions of_plain = options(CloneMode::automatic);
    of_plain.source = "vt-clone-plain";
    return of_plain;
  }
  void start_source() const {
    virsh({"net-start", clone_network});
    expect_ok(virsh({"start", "--paused", clone_source}));
  }
};

TEST_F(CloneWays, ARunningMachineIsCopiedAsItIsAtOneMoment) {
  start_source();
  EXPECT_EQ(error_of(options(CloneMode::full)).kind(), util::Errc::conflict) << "only where it is asked for";
  ops::CloneOptions live = options(CloneMode::automatic);
  live.live = true;
  const auto report = clone(live)[0];
  ASSERT_TRUE(report.identity);
  EXPECT_EQ(inside(disk_of(report), "/etc/machine-id"), report.identity->machine_id + "\n");
  EXPECT_NE(report.identity->machine_id, old_machine_id);
  EXPECT_EQ(util::read_file(disk_of(report, "vdb"), 2 << 20), std::string(1 << 20, 'd'));
  EXPECT_THAT(reporter_.warnings, Contains(HasSubstr("as a power cut would leave it")));
  EXPECT_EQ(connect().find_domain(clone_source)->state(), virt::DomainState::paused) << "the source goes on as it was";
  EXPECT_THAT(virsh({"domjobinfo", clone_source}).out, HasSubstr("None"));
  expect_ok(virsh({"destroy", clone_source}));
  EXPECT_EQ(inside(pool_file("vt-clone-src-root.qcow2"), "/etc/machine-id"), std::string(old_machine_id) + "\n");
  live.mode = CloneMode::linked;
  EXPECT_EQ(error_of(live).kind(), util::Errc::usage);
}

TEST_F(CloneWays, ALiveCloneThatFailsLeavesNoJobAndNoFile) {
  start_source();
  ops::CloneOptions live = options(CloneMode::full);
  live.live = true;
  const auto before = traces();
  const std::vector<std::string> moments{"before volume 'vt-clone-a-vda.qcow2'", "after volume 'vt-clone-a-vda.qcow2'",
                                         "before machine 'vt-clone-a'"};
  for (const std::string& moment : moments) {
    bool reached = false;
    const auto fail = [&](const std::string& now) {
      if (now != moment) return;
      reached = true;
      throw util::Error(util::Errc::io, "made to fail");
    };
    EXPECT_THROW(clone(live, fail), util::Error);
    EXPECT_TRUE(reached) << moment;
    EXPECT_EQ(traces(), before) << moment;
    EXPECT_THAT(virsh({"domjobinfo", clone_source}).out, HasSubstr("None")) << moment;
  }
  // Ctrl-C in the middle of the copy.
  ops::CloneHooks interrupted = hooks();
  int asked = 0;
  interrupted.interrupt = [&] {
    if (++asked > 1) throw util::Error(util::Errc::io, "interrupted");
  };
  EXPECT_THROW(ops::clone(connect(), live, reporter_, interrupted), util::Error);
  EXPECT_EQ(traces(), before);
  EXPECT_EQ(connect().find_domain(clone_source)->state(), virt::DomainState::paused);
}

TEST_F(CloneWays, ASnapshotIsClonedAsItWas) {
  ops::CloneOptions of_snapshot = options_for_plain_machine();
  expect_ok(virsh({"snapshot-create-as", "vt-clone-plain", "before-renewal"}));
  // Something changes afterwards.
  const identity::Target disks{.disks = {{{{pool_file("vt-clone-plain.qcow2"), "qcow2"}}}}};
  const std::string later = identity::renew({disks, {}, {}}).machine_id;
  const std::string before = digest(pool_file("vt-clone-plain.qcow2"));
  of_snapshot.identity_way = ops::IdentityWay::none;
  of_snapshot.snapshot = "before-renewal";
  const auto as_it_was = clone(of_snapshot)[0];
  EXPECT_EQ(inside(disk_of(as_it_was), "/etc/machine-id"), std::string(old_machine_id) + "\n");
  EXPECT_THAT(as_it_was.warnings, Contains(HasSubstr("the disks are those of snapshot 'before-renewal'")));
  EXPECT_THAT(util::run_checked({.args = {"qemu-img", "info", disk_of(as_it_was)}}).out,
              Not(HasSubstr("before-renewal")));
  of_snapshot.names = {"vt-clone-b"};
  of_snapshot.snapshot.clear();
  EXPECT_EQ(inside(disk_of(clone(of_snapshot)[0]), "/etc/machine-id"), later + "\n");
  EXPECT_EQ(digest(pool_file("vt-clone-plain.qcow2")), before);
  of_snapshot.names = {"vt-clone-c"};
  of_snapshot.snapshot = "before-renewl";
  EXPECT_EQ(error_of(of_snapshot).kind(), util::Errc::not_found);
  EXPECT_THAT(error_of(of_snapshot).hint(), HasSubstr("'before-renewal'"));
  of_snapshot.mode = CloneMode::linked;
  EXPECT_EQ(error_of(of_snapshot).kind(), util::Errc::usage);
}

TEST_F(CloneWays, ATemplateIsLinkedToAndStaysAsItIs) {
  const ops::CloneOptions of_template = options_for_plain_machine();
  const identity::Options empty{.machine_id = "empty"};
  ops::seal_template(connect(), "vt-clone-plain", empty, reporter_);
  EXPECT_EQ(inside(pool_file("vt-clone-plain.qcow2"), "/etc/machine-id"), "");
  const std::string sealed = digest(pool_file("vt-clone-plain.qcow2"));
  const std::string definition = connect().find_domain("vt-clone-plain")->xml(virt::Flavor::inactive);
  const auto report = clone(of_template)[0];
  EXPECT_EQ(report.disks.at(0).way, "linked");
  ASSERT_TRUE(report.identity);
  EXPECT_EQ(inside(disk_of(report), "/etc/machine-id"), report.identity->machine_id + "\n");
  EXPECT_EQ(report.identity->machine_id.size(), 32u);
  EXPECT_EQ(digest(pool_file("vt-clone-plain.qcow2")), sealed);
  EXPECT_EQ(connect().find_domain("vt-clone-plain")->xml(virt::Flavor::inactive), definition);
  EXPECT_THAT(connect().find_domain("vt-clone-a")->xml(virt::Flavor::inactive), Not(HasSubstr("vmtool-template:")))
      << "a clone is no template";
}

TEST_F(CloneWays, TheApplianceRenewsTooWhereItIsAskedTo) {
  VMTOOL_NEEDS("tcg");
  ops::CloneOptions by_appliance = options(CloneMode::linked);
  by_appliance.identity_way = ops::IdentityWay::appliance;
  const auto report = clone(by_appliance)[0];
  ASSERT_TRUE(report.identity);
  EXPECT_NE(report.identity->machine_id, old_machine_id);
  EXPECT_EQ(inside(disk_of(report), "/etc/machine-id"), report.identity->machine_id + "\n");
  EXPECT_EQ(inside(disk_of(report), "/etc/hostname"), "vt-clone-a\n");
}

TEST_F(CloneWays, TheTpmIsAFreshOneUnlessItsStateIsCopied) {
  ops::CloneOptions with_tpm = options_for_plain_machine();
  std::string xml = connect().find_domain("vt-clone-plain")->xml(virt::Flavor::inactive);
  xml.insert(xml.find("</devices>"), "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>");
  connect().define_domain(xml);
  // The first start makes the state.
  expect_ok(virsh({"start", "--paused", "vt-clone-plain"}));
  expect_ok(virsh({"destroy", "vt-clone-plain"}));
  const std::filesystem::path states = "/var/lib/libvirt/swtpm";
  const std::filesystem::path state =
      states / connect().find_domain("vt-clone-plain")->uuid() / "tpm2" / "tpm2-00.permall";
  ASSERT_TRUE(std::filesystem::exists(state)) << state;
  const auto fresh = clone(with_tpm)[0];
  EXPECT_FALSE(std::filesystem::exists(states / fresh.uuid));
  with_tpm.names = {"vt-clone-b"};
  with_tpm.copy_tpm = true;
  const auto copied = clone(with_tpm)[0];
  EXPECT_EQ(digest(states / copied.uuid / "tpm2" / "tpm2-00.permall"), digest(state));
  const auto started = virsh({"start", "--paused", "vt-clone-b"});
  EXPECT_EQ(started.exit_code, 0) << started.err << ": its emulator takes the copy";
  expect_ok(virsh({"destroy", "vt-clone-b"}));
  // One that fails takes the copy with it.
  with_tpm.names = {"vt-clone-c"};
  std::string uuid;
  EXPECT_THROW(clone(with_tpm,
                     [&](const std::string& moment) {
                       if (moment == "after machine 'vt-clone-c'") uuid = connect().find_domain("vt-clone-c")->uuid();
                       if (!uuid.empty()) throw util::Error(util::Errc::io, "made to fail");
                     }),
               util::Error);
  EXPECT_FALSE(uuid.empty());
  EXPECT_FALSE(std::filesystem::exists(states / uuid));
}

// An XFS in a file, mounted where libvirtd sees it too.
class CloneByReflink : public CloneWays {
 protected:
  void SetUp() override {
    VMTOOL_NEEDS("mount");
    CloneWays::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    const auto image = scratch_.path() / "xfs.raw";
    make_xfs(image, guest_.path());
    util::run_checked({.args = {"mount", "-o", "loop", image, folder_.path()}});
    is_mounted_ = true;
    std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
    std::filesystem::create_directory(folder_.path() / "pool");
    util::run_checked(
        {.args = {"virsh", "pool-create-as", "vt-clone-xfs", "dir", "--target", folder_.path() / "pool"}});
  }
  void TearDown() override {
    CloneWays::TearDown();
    if (!is_mounted_) return;
    util::run({.args = {"virsh", "-c", "qemu:///system", "pool-destroy", "vt-clone-xfs"}});
    util::run({.args = {"umount", folder_.path()}});
  }

  TempDir folder_;

 private:
  bool is_mounted_ = false;
};

TEST_F(CloneByReflink, DisksShareTheirBlocksAndTheSourceStaysAsItIs) {
  const auto disk = folder_.path() / "pool" / "vt-clone-plain.qcow2";
  ops::CloneOptions by_reflink = options_for_plain_machine();
  std::filesystem::copy_file(pool_file("vt-clone-plain.qcow2"), disk);
  std::string xml = connect().find_domain("vt-clone-plain")->xml(virt::Flavor::inactive);
  xml.replace(xml.find(pool_file("vt-clone-plain.qcow2").native()), pool_file("vt-clone-plain.qcow2").native().size(),
              disk.native());
  connect().define_domain(xml);
  connect().find_pool("vt-clone-xfs")->refresh();
  const std::string before = digest(disk);
  const auto report = clone(by_reflink)[0];
  EXPECT_EQ(report.disks.at(0).way, "reflink") << "what auto takes where it can";
  EXPECT_EQ(std::filesystem::path(disk_of(report)).parent_path(), disk.parent_path());
  ASSERT_TRUE(report.identity);
  EXPECT_EQ(inside(disk_of(report), "/etc/machine-id"), report.identity->machine_id + "\n");
  EXPECT_EQ(digest(disk), before);
  util::run_checked({.args = {"sync", "-f", disk_of(report)}});
  EXPECT_THAT(util::run_checked({.args = {"filefrag", "-v", disk_of(report)}}).out, HasSubstr("shared"));
}

}  // namespace
}  // namespace vmtool::tests
