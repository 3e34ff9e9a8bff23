#include <gmock/gmock.h>

#include <algorithm>

#include "tests/e2e/scene.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;

class Lifecycle : public Scene {
 protected:
  void SetUp() override {
    VMTOOL_NEEDS("tcg");
    Scene::SetUp();
  }
  static std::string state(const std::string& name) {
    const auto out = virsh({"domstate", name}).out;
    return out.substr(0, out.find('\n'));
  }
  static void expect_ok(std::vector<std::string> args) {
    const auto result = vmtool(std::move(args));
    EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(result);
  }
};

TEST_F(Lifecycle, StartSuspendResumeRestartStopDelete) {
  define(bare_machine("vt-e2e-life"));
  expect_ok({"start", "vt-e2e-life"});
  EXPECT_EQ(state("vt-e2e-life"), "running");
  expect_ok({"start", "vt-e2e-life"});
  expect_ok({"wait", "vt-e2e-life", "--for", "running"});
  expect_ok({"suspend", "vt-e2e-life"});
  EXPECT_EQ(state("vt-e2e-life"), "paused");
  expect_ok({"resume", "vt-e2e-life"});
  EXPECT_EQ(state("vt-e2e-life"), "running");
  const auto id = virsh({"domid", "vt-e2e-life"}).out;
  expect_ok({"restart", "vt-e2e-life", "--force"});
  EXPECT_EQ(state("vt-e2e-life"), "running");
  EXPECT_NE(virsh({"domid", "vt-e2e-life"}).out, id);
  expect_ok({"stop", "vt-e2e-life", "--force"});
  EXPECT_EQ(state("vt-e2e-life"), "shut off");
  expect_ok({"stop", "vt-e2e-life"});
  expect_ok({"wait", "vt-e2e-life", "--for", "stopped"});
  expect_ok({"delete", "vt-e2e-life", "--yes"});
  EXPECT_NE(virsh({"dominfo", "vt-e2e-life"}).exit_code, 0);
}

TEST_F(Lifecycle, SeveralMachinesInOneCommandAndOneWrongNameStopsNoOther) {
  define(bare_machine("vt-e2e-a") + "---\n" + bare_machine("vt-e2e-b"));
  const auto result = vmtool({"start", "vt-e2e-a", "vt-e2e-none", "vt-e2e-b"});
  EXPECT_EQ(result.exit_code, 4) << testing::PrintToString(result);
  EXPECT_THAT(result.err, HasSubstr("'vt-e2e-none'"));
  EXPECT_EQ(state("vt-e2e-a"), "running");
  EXPECT_EQ(state("vt-e2e-b"), "running");
}

TEST_F(Lifecycle, StartStartsTheNetworkFirst) {
  define(network_yaml + "---\n" + bare_machine("vt-e2e-net-user", "interfaces: [{name: lan, network: vt-e2e-net}]\n"));
  EXPECT_THAT(virsh({"net-info", "vt-e2e-net"}).out, HasSubstr("Active:         no"));
  expect_ok({"start", "vt-e2e-net-user"});
  EXPECT_THAT(virsh({"net-info", "vt-e2e-net"}).out, HasSubstr("Active:         yes"));
  const auto refused = vmtool({"net", "stop", "vt-e2e-net"});
  EXPECT_EQ(refused.exit_code, 5) << testing::PrintToString(refused);
  EXPECT_THAT(refused.err, HasSubstr("vt-e2e-net-user"));
}

TEST_F(Lifecycle, AMissingKernelIsNamedAndNothingStarts) {
  const auto kernel = dir_.write("no-such-kernel", "soon gone");
  define(bare_machine("vt-e2e-nokernel", "boot: {kernel: " + kernel.native() + "}\n"));
  std::filesystem::remove(kernel);
  const auto result = vmtool({"start", "vt-e2e-nokernel"});
  EXPECT_EQ(result.exit_code, 4) << testing::PrintToString(result);
  EXPECT_EQ(count_errors(result.err), 1) << result.err;
  EXPECT_THAT(result.err, HasSubstr("no-such-kernel"));
  EXPECT_EQ(state("vt-e2e-nokernel"), "shut off");
}

TEST_F(Lifecycle, WaitThatTimesOutSaysWhy) {
  define(network_yaml + "---\n" + bare_machine("vt-e2e-silent", "interfaces: [{name: lan, network: vt-e2e-net}]\n"));
  expect_ok({"start", "vt-e2e-silent"});
  const auto result = vmtool({"wait", "vt-e2e-silent", "--for", "ip", "--timeout", "1s"});
  EXPECT_EQ(result.exit_code, 6) << testing::PrintToString(result);
  EXPECT_THAT(result.err, HasSubstr("lease"));
}

TEST_F(Lifecycle, DeleteAsksFirstAndKeepsWhatIsNotItsOwn) {
  define(
      "kind: Volume\nname: vt-e2e-data.qcow2\ncapacity: 8MiB\n---\n" +
      bare_machine("vt-e2e-del", "disks: [{name: root, capacity: 8MiB}, {name: data, volume: vt-e2e-data.qcow2}]\n"));
  const auto unasked = vmtool({"delete", "vt-e2e-del"});
  EXPECT_EQ(unasked.exit_code, 2) << testing::PrintToString(unasked);
  EXPECT_EQ(state("vt-e2e-del"), "shut off");
  const auto deleted = vmtool({"delete", "vt-e2e-del", "--yes"});
  EXPECT_EQ(deleted.exit_code, 0) << testing::PrintToString(deleted);
  EXPECT_THAT(deleted.err, HasSubstr("vt-e2e-data.qcow2"));
  const auto volumes = virsh({"vol-list", "default"}).out;
  EXPECT_THAT(volumes, testing::Not(HasSubstr("vt-e2e-del-root.qcow2")));
  EXPECT_THAT(volumes, HasSubstr("vt-e2e-data.qcow2"));
}

TEST_F(Lifecycle, DeleteTakesManagedSaveAndSnapshotsWithIt) {
  define(bare_machine("vt-e2e-saved", "disks: [{name: root, capacity: 8MiB}]\n"));
  expect_ok({"start", "vt-e2e-saved"});
  ASSERT_EQ(virsh({"snapshot-create-as", "vt-e2e-saved", "one"}).exit_code, 0);
  ASSERT_EQ(virsh({"managedsave", "vt-e2e-saved"}).exit_code, 0);
  expect_ok({"delete", "vt-e2e-saved", "--yes"});
  EXPECT_THAT(take_host_state(), testing::ContainerEq(before()));
}

TEST_F(Lifecycle, AProtectedMachineIsNotDeleted) {
  define(bare_machine("vt-e2e-safe", "protected: true\n"));
  const auto result = vmtool({"delete", "vt-e2e-safe", "--yes"});
  EXPECT_EQ(result.exit_code, 5) << testing::PrintToString(result);
  EXPECT_EQ(state("vt-e2e-safe"), "shut off");
}

TEST_F(Lifecycle, MachinesOfOtherToolsAreListedStartedAndDeleted) {
  const auto xml =
      dir_.write("foreign.xml", R"(<domain type='qemu'><name>vt-e2e-foreign</name><memory unit='MiB'>64</memory>
<os><type arch='x86_64' machine='q35'>hvm</type></os></domain>)");
  ASSERT_EQ(virsh({"define", xml}).exit_code, 0);
  const auto guests = json_of({"list"}).at("guests");
  EXPECT_TRUE(std::any_of(guests.begin(), guests.end(),
                          [](const auto& guest) { return guest.at("name") == "vt-e2e-foreign"; }));
  expect_ok({"start", "vt-e2e-foreign"});
  EXPECT_EQ(state("vt-e2e-foreign"), "running");
  expect_ok({"stop", "vt-e2e-foreign", "--force"});
  expect_ok({"delete", "vt-e2e-foreign", "--yes"});
  EXPECT_THAT(take_host_state(), testing::ContainerEq(before()));
}

}  // namespace
}  // namespace vmtool::tests
