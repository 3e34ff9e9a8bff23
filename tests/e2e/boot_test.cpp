// The whole way: from a file to a guest that has its reserved address and has written to its disks, and back to nothing.

#include "tests/e2e/scene.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;

class Boot : public Scene {
 protected:
  void SetUp() override {
    VMTOOL_NEEDS("root");
    VMTOOL_NEEDS("tcg");
    Scene::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    guest_ = tiny_guest();
  }

  util::Result run(std::vector<std::string> args, const std::string& input = {}) const {
    const auto result = vmtool(std::move(args), input);
    EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(result);
    return result;
  }

  // The line that the guest prints when it is up, from the console's log.
  static std::string ready_line(const std::string& log) {
    for (int attempt = 0; attempt < 600; ++attempt) {
      const auto text = util::read_file(log, 1 << 20);
      const auto start = text.find("VMTOOL-READY");
      const auto end = start == std::string::npos ? start : text.find('\n', start);
      if (end != std::string::npos) return std::string(util::trim(text.substr(start, end - start)));
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return "";
  }

  // What the guest left in the sector at 1 MiB.
  static std::string written_line(const std::string& path, const std::string& format) {
    const TempDir dir;
    const auto raw = dir.path() / "sector";
    // The count includes what is skipped.
    util::run_checked({.args = {"qemu-img", "dd", "-f", format, "-O", "raw", "bs=512", "skip=2048", "count=2049",
                                "if=" + path, "of=" + raw.native()}});
    const auto text = util::read_file(raw, 1 << 20);
    return std::string(util::trim(text.substr(0, 512)));
  }

  std::string guest_;
};

TEST_F(Boot, FromTemplateToLeaseAndBackToNothing) {
  const std::string yaml = network_yaml + R"(---
base: tiny
name: vt-e2e-boot
domainType: qemu
interfaces:
  - {name: lan, network: vt-e2e-net, address: 10.231.77.10}
)";
  const std::vector<std::string> define_command{"define", "-f", "-", "--set", "guest=" + guest_};

  const auto defined = run(define_command, yaml);
  EXPECT_THAT(defined.out + defined.err, HasSubstr("vt-e2e-boot"));
  const auto again = run(define_command, yaml);
  EXPECT_THAT(again.out, HasSubstr("unchanged")) << testing::PrintToString(again);

  run({"start", "vt-e2e-boot"});
  const auto waited = run({"wait", "vt-e2e-boot", "--for", "ip", "--timeout", "2m"});
  EXPECT_EQ(waited.out, "10.231.77.10\n");

  const auto shown = json_of({"show", "vt-e2e-boot"});
  ASSERT_TRUE(shown.contains("interfaces"));
  const std::string mac = shown.at("interfaces").at(0).at("mac");
  EXPECT_EQ(shown.at("state"), "running");

  // Two witnesses of the lease, and the guest's own word.
  const auto addresses = json_of({"ip", "vt-e2e-boot"}).at("addresses");
  ASSERT_FALSE(addresses.empty());
  EXPECT_EQ(addresses.at(0).at("address"), "10.231.77.10");
  EXPECT_EQ(addresses.at(0).at("mac"), mac);
  EXPECT_EQ(addresses.at(0).at("source"), "lease");
  const auto leases = virsh({"net-dhcp-leases", "vt-e2e-net", mac});
  EXPECT_THAT(leases.out, HasSubstr("10.231.77.10/24"));
  EXPECT_EQ(ready_line(shown.at("consoleLog")), "VMTOOL-READY mac=" + mac + " ip=10.231.77.10 disks=vda,vdb");

  // The network's own DNS answers for it.
  const auto dns = util::run({.args = {"busybox", "nslookup", "vt-e2e-boot", "10.231.77.1"}});
  EXPECT_THAT(dns.out, HasSubstr("10.231.77.10"));

  const auto listed = json_of({"list"}).at("guests");
  const auto row =
      std::find_if(listed.begin(), listed.end(), [](const auto& item) { return item.at("name") == "vt-e2e-boot"; });
  ASSERT_NE(row, listed.end());
  EXPECT_EQ(row->at("state"), "running");
  EXPECT_THAT(row->at("addresses").dump(), HasSubstr("10.231.77.10"));

  // A guest that obeys the power button is not forced.
  const auto stopped = run({"stop", "vt-e2e-boot"});
  EXPECT_THAT(stopped.err, testing::Not(HasSubstr("plug"))) << testing::PrintToString(stopped);
  EXPECT_EQ(virsh({"domstate", "vt-e2e-boot"}).out.substr(0, 8), "shut off");

  for (const auto& disk : shown.at("disks")) {
    const std::string path = disk.at("path");
    const std::string format = disk.at("format");
    EXPECT_EQ(written_line(path, format), "vmtool-tiny wrote " + disk.at("target").get<std::string>()) << path;
  }

  run({"delete", "vt-e2e-boot", "--yes"});
  run({"net", "delete", "vt-e2e-net", "--yes"});
  EXPECT_THAT(take_host_state(), testing::ContainerEq(before()));
}

TEST_F(Boot, AMachineThatIgnoresTheButtonIsForcedAfterItsStopTimeout) {
  // No initrd: the kernel panics without a root and obeys nothing.
  define(bare_machine("vt-e2e-deaf", "boot: {kernel: " + guest_ +
                                         "/vmlinuz, cmdline: console=ttyS0 quiet}\n"
                                         "stopTimeout: 1s\n"));
  run({"start", "vt-e2e-deaf"});
  const auto stopped = run({"stop", "vt-e2e-deaf"});
  EXPECT_EQ(virsh({"domstate", "vt-e2e-deaf"}).out.substr(0, 8), "shut off");
  EXPECT_NE(stopped.err, "") << "it must say that the plug was pulled";
  run({"delete", "vt-e2e-deaf", "--yes"});
}

}  // namespace
}  // namespace vmtool::tests
