#include <gmock/gmock.h>

#include <sys/stat.h>

#include "tests/e2e/scene.hpp"

namespace vmtool::tests {
namespace {

using testing::ContainerEq;
using testing::HasSubstr;

class Disk : public Scene {
 protected:
  static void create(const std::string& name, std::vector<std::string> more) {
    std::vector<std::string> args{"disk", "create", name};
    args.insert(args.end(), more.begin(), more.end());
    const auto result = vmtool(args);
    EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(result);
  }
  static nlohmann::json qemu_info(const std::string& name) {
    const auto path = virsh({"vol-path", name, "default"}).out;
    const auto info = util::run({.args = {"qemu-img", "info", "--output=json", path.substr(0, path.find('\n'))}});
    return nlohmann::json::parse(info.out, nullptr, false);
  }
  static std::uint64_t allocated(const std::string& name) {
    return qemu_info(name).value("actual-size", std::uint64_t{0});
  }
};

TEST_F(Disk, Qcow2IsModernAndSparse) {
  create("vt-e2e-a.qcow2", {"32MiB", "--cluster-size", "128KiB", "--lazy-refcounts"});
  const auto info = qemu_info("vt-e2e-a.qcow2");
  EXPECT_EQ(info.at("format"), "qcow2");
  EXPECT_EQ(info.at("virtual-size"), 32 << 20);
  EXPECT_EQ(info.at("cluster-size"), 128 << 10);
  EXPECT_EQ(info.at("format-specific").at("data").at("compat"), "1.1");
  EXPECT_EQ(info.at("format-specific").at("data").at("lazy-refcounts"), true);
  EXPECT_LT(allocated("vt-e2e-a.qcow2"), 2u << 20);
}

TEST_F(Disk, EveryPreallocationModeIsWhatItSays) {
  for (const char* format : {"qcow2", "raw"}) {
    for (const char* mode : {"off", "metadata", "falloc", "full"}) {
      if (format == std::string("raw") && mode == std::string("metadata")) continue;
      const auto name = std::string("vt-e2e-") + mode + "." + format;
      create(name, {"16MiB", "--format", format, "--preallocation", mode});
      EXPECT_EQ(qemu_info(name).at("virtual-size"), 16 << 20) << name;
      EXPECT_EQ(qemu_info(name).at("format"), format) << name;
      const bool allocates = mode == std::string("falloc") || mode == std::string("full");
      if (allocates) EXPECT_GE(allocated(name), 16u << 20) << name;
      else EXPECT_LT(allocated(name), 4u << 20) << name;
    }
  }
  EXPECT_EQ(
      vmtool({"disk", "create", "vt-e2e-m.raw", "16MiB", "--format", "raw", "--preallocation", "metadata"}).exit_code,
      3);
}

TEST_F(Disk, GrowsAndNeverShrinks) {
  create("vt-e2e-a.qcow2", {"16MiB"});
  EXPECT_EQ(vmtool({"disk", "resize", "vt-e2e-a.qcow2", "24MiB"}).exit_code, 0);
  EXPECT_EQ(qemu_info("vt-e2e-a.qcow2").at("virtual-size"), 24 << 20);
  const auto result = vmtool({"disk", "resize", "vt-e2e-a.qcow2", "8MiB"});
  EXPECT_EQ(result.exit_code, 5) << testing::PrintToString(result);
  EXPECT_EQ(count_errors(result.err), 1) << result.err;
  EXPECT_EQ(qemu_info("vt-e2e-a.qcow2").at("virtual-size"), 24 << 20);
}

TEST_F(Disk, ABackingFileIsNotDeletedAndItsUserIsNamed) {
  create("vt-e2e-base.qcow2", {"16MiB"});
  ASSERT_EQ(virsh({"vol-create-as", "default", "vt-e2e-top.qcow2", "16M", "--format", "qcow2", "--backing-vol",
                   "vt-e2e-base.qcow2", "--backing-vol-format", "qcow2"})
                .exit_code,
            0);
  const auto chain = json_of({"disk", "chain", "vt-e2e-top.qcow2"}).at("chain");
  ASSERT_EQ(chain.size(), 2u);
  EXPECT_THAT(chain.at(0).at("path").get<std::string>(), HasSubstr("vt-e2e-top.qcow2"));
  EXPECT_THAT(chain.at(1).at("path").get<std::string>(), HasSubstr("vt-e2e-base.qcow2"));
  const auto state = take_host_state();
  const auto result = vmtool({"disk", "delete", "vt-e2e-base.qcow2", "--yes"});
  EXPECT_EQ(result.exit_code, 5) << testing::PrintToString(result);
  EXPECT_THAT(result.err, HasSubstr("vt-e2e-top.qcow2"));
  EXPECT_THAT(take_host_state(), ContainerEq(state));
  EXPECT_EQ(vmtool({"disk", "delete", "vt-e2e-top.qcow2", "--yes"}).exit_code, 0);
  EXPECT_EQ(vmtool({"disk", "delete", "vt-e2e-base.qcow2", "--yes"}).exit_code, 0);
  EXPECT_THAT(take_host_state(), ContainerEq(before()));
}

TEST_F(Disk, AVolumeOfAMachineIsNotDeleted) {
  define(bare_machine("vt-e2e-user", "disks: [{name: root, capacity: 8MiB}]\n"));
  const auto result = vmtool({"disk", "delete", "vt-e2e-user-root.qcow2", "--yes"});
  EXPECT_EQ(result.exit_code, 5) << testing::PrintToString(result);
  EXPECT_THAT(result.err, HasSubstr("vt-e2e-user"));
  EXPECT_EQ(json_of({"disk", "info", "vt-e2e-user-root.qcow2"}).at("machines").dump(), R"(["vt-e2e-user"])");
}

TEST_F(Disk, ANameThatIsTakenIsRefused) {
  create("vt-e2e-a.qcow2", {"16MiB"});
  const auto result = vmtool({"disk", "create", "vt-e2e-a.qcow2", "32MiB"});
  EXPECT_EQ(result.exit_code, 5) << testing::PrintToString(result);
  EXPECT_EQ(qemu_info("vt-e2e-a.qcow2").at("virtual-size"), 16 << 20);
}

TEST_F(Disk, WhatDoesNotExistIsNotFound) {
  EXPECT_EQ(vmtool({"disk", "info", "vt-e2e-none.qcow2"}).exit_code, 4);
  EXPECT_EQ(vmtool({"disk", "delete", "vt-e2e-none.qcow2", "--yes"}).exit_code, 4);
  EXPECT_EQ(vmtool({"disk", "create", "vt-e2e-a.qcow2", "16MiB", "--pool", "vt-e2e-none"}).exit_code, 4);
}

// A pool of 8 MiB on a filesystem of its own, in which a volume of 16 MiB has no place.
class FullPool : public Disk {
 protected:
  void SetUp() override {
    VMTOOL_NEEDS("root");
    Disk::SetUp();
    if (IsSkipped()) return;
    const auto mounted =
        util::run({.args = {"mount", "-t", "tmpfs", "-o", "size=8m,mode=0755", "vt-e2e", dir_.path()}});
    ASSERT_EQ(mounted.exit_code, 0) << testing::PrintToString(mounted);
    mounted_ = true;
    ASSERT_EQ(virsh({"pool-define-as", "vt-e2e-small", "dir", "--target", dir_.path()}).exit_code, 0);
    ASSERT_EQ(virsh({"pool-start", "vt-e2e-small"}).exit_code, 0);
  }
  void TearDown() override {
    Disk::TearDown();
    if (mounted_) util::run({.args = {"umount", dir_.path()}});
  }

 private:
  bool mounted_ = false;
};

TEST_F(FullPool, SaysSoAndKeepsNothing) {
  for (const char* format : {"raw", "qcow2"}) {
    for (const char* mode : {"falloc", "full"}) {
      const auto result = vmtool({"disk", "create", "vt-e2e-big", "16MiB", "--pool", "vt-e2e-small", "--format", format,
                                  "--preallocation", mode});
      EXPECT_EQ(result.exit_code, 8) << format << " " << mode << " " << testing::PrintToString(result);
      EXPECT_EQ(count_errors(result.err), 1) << result.err;
      virsh({"pool-refresh", "vt-e2e-small"});
      EXPECT_THAT(virsh({"vol-list", "vt-e2e-small"}).out, testing::Not(HasSubstr("vt-e2e-big")))
          << format << " " << mode;
      EXPECT_TRUE(std::filesystem::is_empty(dir_.path())) << format << " " << mode;
    }
  }
}

}  // namespace
}  // namespace vmtool::tests
