// Guests that only a kernel can edit, in the micro-appliance. The host's kernel is the other reader, where it may be.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "identity/identity.hpp"
#include "tests/integration/identity/xfs_image.hpp"
#include "tests/support/guest_image.hpp"
#include "tests/support/require.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::tests {
namespace {

using ::testing::HasSubstr;

class MicroAppliance : public ::testing::Test {
 protected:
  void SetUp() override {
    VMTOOL_NEEDS("tcg");
    if (const char* build = std::getenv("VMTOOL_BUILD_DIR"))
      ::setenv("VMTOOL_LIBEXEC_DIR", (std::filesystem::path(build) / "src/identity").c_str(), 1);
  }

  std::string read_mounted(const std::filesystem::path& disk, const std::string& options,
                           const std::string& path) const {
    const auto place = directory_.path() / "mounted";
    std::filesystem::create_directories(place);
    util::run_checked({{"mount", "-o", "ro,loop" + options, disk.native(), place.native()}});
    const util::Result content = util::run({{"cat", (place / path).native()}});
    util::run_checked({{"umount", place.native()}});
    return content.out;
  }
  identity::Request request_for(const identity::Disk& disk) const {
    identity::Request request;
    request.target.disks = {disk};
    request.options.hostname = "web";
    return request;
  }

  TempDir directory_;
  GuestFiles files_;
};

TEST_F(MicroAppliance, RenewsAnXfsRootOfALinkedClone) {
  const auto raw = directory_.path() / "xfs.raw";
  const auto base = directory_.path() / "base.qcow2";
  const auto top = directory_.path() / "top.qcow2";
  make_xfs(raw, files_.path());
  util::run_checked({{"qemu-img", "convert", "-O", "qcow2", raw.native(), base.native()}});
  util::run_checked({{"qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base.native(), top.native()}});
  const std::string before = digest(base);
  const identity::Disk disk{{{top, "qcow2"}, {base, "qcow2"}}};

  const identity::Report report = identity::renew(request_for(disk));
  EXPECT_EQ(report.machine_id.size(), 32U);
  ASSERT_EQ(report.host_public_keys.size(), 1U);
  EXPECT_EQ(digest(base), before);
  const auto flat = directory_.path() / "flat.raw";
  util::run_checked({{"qemu-img", "convert", "-O", "raw", top.native(), flat.native()}});
  EXPECT_EQ(util::run({{"xfs_repair", "-n", "-f", flat.native()}}).exit_code, 0);

  VMTOOL_NEEDS("root");
  EXPECT_EQ(read_mounted(flat, "", "etc/machine-id"), report.machine_id + "\n");
  EXPECT_EQ(read_mounted(flat, "", "var/lib/dbus/machine-id"), report.machine_id + "\n");
  EXPECT_EQ(read_mounted(flat, "", "etc/hostname"), "web\n");
  EXPECT_EQ(read_mounted(flat, "", "etc/ssh/ssh_host_ed25519_key.pub"), report.host_public_keys[0] + "\n");
}

TEST_F(MicroAppliance, RenewsABtrfsRootInASubvolumeOfAPartition) {
  const auto disk = directory_.path() / "disk.raw";
  const auto part = directory_.path() / "part.raw";
  const TempDir top;
  std::filesystem::create_directories(top.path() / "@home");
  std::filesystem::copy(files_.path(), top.path() / "@",
                        std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks);
  util::open_file(part, O_RDWR | O_CREAT, 0600);
  std::filesystem::resize_file(part, 160 * mib);
  util::run_checked({{"mkfs.btrfs", "-q", "-f", "--rootdir", top.path().native(), part.native()}});
  util::open_file(disk, O_RDWR | O_CREAT, 0600);
  std::filesystem::resize_file(disk, 170 * mib);
  partition(disk, "label: gpt\nstart=1MiB, size=160MiB, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709\n");
  util::run_checked(
      {{"dd", "if=" + part.native(), "of=" + disk.native(), "bs=1M", "seek=1", "conv=notrunc,sparse", "status=none"}});

  const identity::Report report = identity::renew(request_for({{{disk, "raw"}}}));
  // A look from the same machine changes nothing, and sees what was written.
  const std::string written = digest(disk);
  const identity::Report seen = identity::show({.disks = {{{{disk, "raw"}}}}}, {});
  EXPECT_EQ(digest(disk), written);
  EXPECT_EQ(seen.outcomes.at(0).old_value, report.machine_id);
  const auto after = directory_.path() / "after.raw";
  util::run_checked({{"dd", "if=" + disk.native(), "of=" + after.native(), "bs=1M", "skip=1", "count=160",
                      "conv=sparse", "status=none"}});
  const util::Result check = util::run({{"btrfs", "check", "--readonly", after.native()}});
  EXPECT_EQ(check.exit_code, 0) << check.out << check.err;
  const auto restored = directory_.path() / "restored";
  std::filesystem::create_directories(restored);
  util::run_checked({{"btrfs", "restore", after.native(), restored.native()}});
  EXPECT_EQ(util::read_file(restored / "@/etc/machine-id", 100), report.machine_id + "\n");
}

TEST_F(MicroAppliance, IsNotStartedWhereItIsNotWantedOrCannotHelp) {
  const auto raw = directory_.path() / "xfs.raw";
  const auto image = directory_.path() / "xfs.qcow2";
  make_xfs(raw, files_.path());
  util::run_checked({{"qemu-img", "convert", "-O", "qcow2", raw.native(), image.native()}});
  const std::string before = digest(image);
  const auto failure_of = [](const identity::Request& request) -> std::string {
    try {
      identity::renew(request);
    } catch (const util::Error& error) {
      return error.message();
    }
    return "nothing was thrown";
  };
  identity::Request offline = request_for({{{image, "qcow2"}}});
  offline.target.way = identity::Way::offline;
  EXPECT_THAT(failure_of(offline), HasSubstr("neither made nor removed on an XFS"));
  identity::Request undoable = request_for({{{image, "qcow2"}}});
  undoable.undo_file = directory_.path() / "undo";
  EXPECT_THAT(failure_of(undoable), HasSubstr("can only be edited by the micro-appliance"));
  EXPECT_FALSE(std::filesystem::exists(undoable.undo_file));
  EXPECT_EQ(digest(image), before);
}

}  // namespace
}  // namespace vmtool::tests
