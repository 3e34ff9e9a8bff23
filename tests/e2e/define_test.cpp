#include <gmock/gmock.h>

#include "tests/e2e/scene.hpp"

namespace vmtool::tests {
namespace {

using testing::ContainerEq;
using testing::HasSubstr;
using testing::Not;

class Define : public Scene {};

TEST_F(Define, MakesAMachineThatVirshSeesAndASecondTimeChangesNothing) {
  const auto yaml = bare_machine("vt-e2e-one", "cpu: {count: 2}\nlabels: {tier: web}\n");
  const auto made = vmtool({"define", "-f", "-"}, yaml);
  ASSERT_EQ(made.exit_code, 0) << testing::PrintToString(made);
  EXPECT_THAT(made.out, HasSubstr("created"));
  const auto xml = virsh({"dumpxml", "vt-e2e-one"}).out;
  EXPECT_THAT(xml, HasSubstr(">2</vcpu>"));
  EXPECT_THAT(xml, HasSubstr("urn:vmtool:xmlns:1"));

  const auto again = vmtool({"define", "-f", "-"}, yaml);
  EXPECT_EQ(again.exit_code, 0) << testing::PrintToString(again);
  EXPECT_THAT(again.out, HasSubstr("unchanged"));
  EXPECT_EQ(virsh({"dumpxml", "vt-e2e-one"}).out, xml);
}

TEST_F(Define, DryRunSaysWhatItWouldDoAndDoesNothing) {
  const auto yaml = network_yaml + "---\n" + bare_machine("vt-e2e-dry", R"(disks: [{name: root, capacity: 8MiB}]
interfaces: [{name: lan, network: vt-e2e-net, address: 10.231.77.20}]
)");
  const auto result = vmtool({"define", "-f", "-", "--dry-run"}, yaml);
  EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(result);
  for (const char* what : {"vt-e2e-net", "vt-e2e-dry"}) EXPECT_THAT(result.out, HasSubstr(what));
  EXPECT_THAT(take_host_state(), ContainerEq(before()));
}

TEST_F(Define, ReadsSeveralFilesAndStandardInput) {
  const auto one = dir_.write("one.yaml", bare_machine("vt-e2e-one"));
  const auto two = dir_.write("two.yaml", bare_machine("vt-e2e-two"));
  const auto result = vmtool({"define", "-f", one, "-f", two, "-f", "-"}, bare_machine("vt-e2e-three"));
  EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(result);
  const auto names = virsh({"list", "--all", "--name"}).out;
  for (const char* name : {"vt-e2e-one", "vt-e2e-two", "vt-e2e-three"}) EXPECT_THAT(names, HasSubstr(name));
}

TEST_F(Define, AChangedFileSaysPerChangeWhenItIsReal) {
  define(bare_machine("vt-e2e-change", "cpu: {count: 2}\ndisks: [{name: root, capacity: 8MiB}]\n"));
  const auto uuid = virsh({"domuuid", "vt-e2e-change"}).out;
  const auto changed =
      vmtool({"define", "-f", "-"},
             bare_machine("vt-e2e-change", "cpu: {count: 3}\ndisks: [{name: root, capacity: 16MiB}]\n"));
  ASSERT_EQ(changed.exit_code, 0) << testing::PrintToString(changed);
  EXPECT_THAT(changed.out, HasSubstr("cpu.count: 2 → 3"));
  EXPECT_THAT(changed.out, HasSubstr("8MiB → 16MiB"));
  EXPECT_THAT(virsh({"dumpxml", "vt-e2e-change"}).out, HasSubstr(">3</vcpu>"));
  EXPECT_EQ(virsh({"domuuid", "vt-e2e-change"}).out, uuid);
  EXPECT_EQ(json_of({"disk", "info", "vt-e2e-change-root.qcow2"}).at("capacityBytes"), 16 << 20);
}

TEST_F(Define, ADiskIsNeverShrunk) {
  define(bare_machine("vt-e2e-shrink", "disks: [{name: root, capacity: 16MiB}]\n"));
  const auto state = take_host_state();
  const auto result =
      vmtool({"define", "-f", "-"}, bare_machine("vt-e2e-shrink", "disks: [{name: root, capacity: 8MiB}]\n"));
  EXPECT_EQ(result.exit_code, 5) << testing::PrintToString(result);
  EXPECT_EQ(count_errors(result.err), 1) << result.err;
  EXPECT_THAT(take_host_state(), ContainerEq(state));
}

TEST_F(Define, ADiskThatLeavesTheFileStaysAsAVolume) {
  define(bare_machine("vt-e2e-keep", "disks: [{name: root, capacity: 8MiB}, {name: old, capacity: 8MiB}]\n"));
  const auto result =
      vmtool({"define", "-f", "-"}, bare_machine("vt-e2e-keep", "disks: [{name: root, capacity: 8MiB}]\n"));
  EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(result);
  EXPECT_THAT(virsh({"vol-list", "default"}).out, HasSubstr("vt-e2e-keep-old.qcow2"));
  EXPECT_THAT(virsh({"domblklist", "vt-e2e-keep"}).out, Not(HasSubstr("vt-e2e-keep-old")));
}

TEST_F(Define, EditsByOtherToolsSurviveAChange) {
  define(bare_machine("vt-e2e-edit"));
  ASSERT_EQ(virsh({"desc", "vt-e2e-edit", "--config", "kept by hand"}).exit_code, 0);
  define(bare_machine("vt-e2e-edit", "cpu: {count: 2}\n"));
  EXPECT_EQ(virsh({"desc", "vt-e2e-edit"}).out, "kept by hand\n");
  EXPECT_THAT(virsh({"dumpxml", "vt-e2e-edit"}).out, HasSubstr(">2</vcpu>"));
}

TEST_F(Define, AMacAddressThatAnotherMachineHasIsRefusedWithItsOwner) {
  const std::string nic = "interfaces: [{name: lan, network: default, macAddress: 52:54:00:e2:e0:01}]\n";
  define(bare_machine("vt-e2e-first", nic));
  const auto state = take_host_state();
  const auto result = vmtool({"define", "-f", "-"}, bare_machine("vt-e2e-second", nic));
  EXPECT_EQ(result.exit_code, 5) << testing::PrintToString(result);
  EXPECT_EQ(count_errors(result.err), 1) << result.err;
  EXPECT_THAT(result.err, HasSubstr("'vt-e2e-first'"));
  EXPECT_THAT(take_host_state(), ContainerEq(state));
}

TEST_F(Define, AFailureInTheMiddleLeavesNothingBehindAndTheNextRunWorks) {
  // The image is no disk image: found only after the network and the first disk could have been made.
  const auto image = dir_.write("broken.qcow2", "QFI\xfb and nothing that belongs there");
  const auto good = network_yaml + "---\n" + bare_machine("vt-e2e-undo", "disks: [{name: root, capacity: 8MiB}]\n");
  const auto bad = good + "---\nkind: Image\nname: vt-e2e-broken\nsource: {file: " + image.native() + "}\n";
  const auto result = vmtool({"define", "-f", "-"}, bad);
  EXPECT_NE(result.exit_code, 0) << testing::PrintToString(result);
  EXPECT_EQ(count_errors(result.err), 1) << result.err;
  EXPECT_THAT(take_host_state(), ContainerEq(before()));
  define(good);
}

TEST_F(Define, AnImageIsImportedOnceAndDisksAreOverlaysOfIt) {
  const auto image = dir_.path() / "source.qcow2";
  util::run_checked({.args = {"qemu-img", "create", "-q", "-f", "qcow2", image, "8M"}});
  const auto yaml = "kind: Image\nname: vt-e2e-image\nsource: {file: " + image.native() + "}\n---\n" +
                    bare_machine("vt-e2e-user", "disks: [{name: root, image: vt-e2e-image, capacity: 16MiB}]\n");
  define(yaml);
  const auto info = json_of({"disk", "info", "vt-e2e-user-root.qcow2"});
  EXPECT_EQ(info.at("capacityBytes"), 16 << 20);
  EXPECT_THAT(info.at("backing").dump(), HasSubstr("vt-e2e-image"));
  const auto again = vmtool({"define", "-f", "-"}, yaml);
  EXPECT_THAT(again.out, Not(HasSubstr("created"))) << testing::PrintToString(again);
}

}  // namespace
}  // namespace vmtool::tests
