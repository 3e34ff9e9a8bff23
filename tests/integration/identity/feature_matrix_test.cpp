// Every feature set of ext that mke2fs makes: the edit is right by debugfs, and e2fsck has nothing to say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/identity/engine_fixture.hpp"
#include "tests/support/guest_image.hpp"
#include "util/text.hpp"

namespace vmtool::tests {
namespace {

using ::testing::HasSubstr;

struct FeatureSet {
  const char* name;
  std::vector<std::string> args;
};

void PrintTo(const FeatureSet& set, std::ostream* out) { *out << set.name; }

const std::vector<FeatureSet>& feature_sets() {
  static const std::vector<FeatureSet> sets{
      {"ext2", {"-t", "ext2"}},
      {"ext3", {"-t", "ext3", "-J", "size=4"}},
      {"ext4", {"-t", "ext4"}},
      {"blocks_of_1k", {"-t", "ext4", "-b", "1024"}},
      {"blocks_of_4k", {"-t", "ext4", "-b", "4096"}},
      {"no_checksums", {"-t", "ext4", "-O", "^metadata_csum"}},
      {"uninit_bg", {"-t", "ext4", "-O", "^metadata_csum,uninit_bg"}},
      {"no_64bit", {"-t", "ext4", "-O", "^64bit"}},
      {"checksum_seed", {"-t", "ext4", "-O", "metadata_csum_seed"}},
      {"orphan_file", {"-t", "ext4", "-O", "orphan_file"}},
      {"inline_data", {"-t", "ext4", "-O", "inline_data"}},
      {"inline_data_512", {"-t", "ext4", "-O", "inline_data", "-I", "512"}},
      {"inodes_of_128", {"-t", "ext4", "-I", "128"}},
      {"inodes_of_512", {"-t", "ext4", "-I", "512"}},
      {"bigalloc", {"-t", "ext4", "-O", "bigalloc", "-C", "16384", "-b", "1024"}},
      {"meta_bg", {"-t", "ext4", "-O", "meta_bg,^resize_inode"}},
      {"no_extents", {"-t", "ext4", "-O", "^extents,^64bit"}},
      {"ea_inode", {"-t", "ext4", "-O", "ea_inode"}},
      {"encrypt_flag", {"-t", "ext4", "-O", "encrypt"}},
      {"casefold_flag", {"-t", "ext4", "-O", "casefold"}},
      {"verity_flag", {"-t", "ext4", "-O", "verity", "-b", "4096"}},
      {"mmp", {"-t", "ext4", "-O", "mmp"}},
      {"large_dir", {"-t", "ext4", "-O", "large_dir"}},
      {"fast_commit", {"-t", "ext4", "-O", "fast_commit"}},
      {"sparse_super2", {"-t", "ext4", "-O", "sparse_super2"}},
      {"no_journal", {"-t", "ext4", "-O", "^has_journal"}},
      {"stable_inodes", {"-t", "ext4", "-O", "stable_inodes"}},
      {"no_flex_bg", {"-t", "ext4", "-O", "^flex_bg"}},
      {"no_dir_index", {"-t", "ext4", "-O", "^dir_index"}},
  };
  return sets;
}

class FeatureMatrix : public ::testing::TestWithParam<FeatureSet> {};

TEST_P(FeatureMatrix, IsEditedAndStaysClean) {
  const TempDir directory;
  const GuestFiles files;
  files.link("var/lib/dbus/machine-id", "/etc/machine-id");
  files.remove("etc/hostname");  // so that a file has to be made
  const auto disk = directory.path() / "disk.raw";
  make_ext(disk, files, GetParam().args);
  ASSERT_EQ(fsck(disk), "");

  const auto result = renew({disk}, clone_options());
  EXPECT_EQ(fsck(disk), "");
  EXPECT_EQ(guest_file(disk, "/etc/machine-id"), result.report.machine_id + "\n");
  EXPECT_EQ(guest_file(disk, "/etc/hostname"), "web\n");
  EXPECT_EQ(guest_file(disk, "/etc/ssh/ssh_host_ed25519_key"), "new private ed25519\n");
  EXPECT_THAT(guest_file(disk, "/etc/systemd/network/10-lan.network"), HasSubstr("52:54:00:00:00:02"));
  EXPECT_THAT(debugfs(disk, "stat /var/lib/dbus/machine-id"), HasSubstr("Type: symlink"));
  EXPECT_THAT(debugfs(disk, "stat /etc/machine-id"), HasSubstr("Mode:  0444"));
  EXPECT_FALSE(guest_has(disk, "/var/lib/dhcp/dhclient.eth0.leases"));
  EXPECT_FALSE(guest_has(disk, "/var/lib/cloud/instances/i-1"));
  EXPECT_TRUE(guest_has(disk, "/var/lib/cloud/instances"));

  // Emptied for a template: the copy of D-Bus has to become a link, in place of a regular file.
  auto options = clone_options();
  options.machine_id = "empty";
  renew({disk}, options);
  EXPECT_EQ(fsck(disk), "");
  EXPECT_EQ(guest_file(disk, "/etc/machine-id"), "");
}

INSTANTIATE_TEST_SUITE_P(Ext, FeatureMatrix, ::testing::ValuesIn(feature_sets()),
                         [](const auto& set) { return std::string(set.param.name); });

class DbusFileMatrix : public ::testing::TestWithParam<FeatureSet> {};

TEST_P(DbusFileMatrix, ARegularCopyBecomesALinkWhereTheIdIsEmptied) {
  const TempDir directory;
  const GuestFiles files;
  const auto disk = directory.path() / "disk.raw";
  make_ext(disk, files, GetParam().args);
  auto options = clone_options();
  options.machine_id = "uninitialized";
  renew({disk}, options);
  EXPECT_EQ(fsck(disk), "");
  EXPECT_THAT(debugfs(disk, "stat /var/lib/dbus/machine-id"), HasSubstr("link dest: \"/etc/machine-id\""));
}

INSTANTIATE_TEST_SUITE_P(Ext, DbusFileMatrix,
                         ::testing::Values(FeatureSet{"ext4", {"-t", "ext4"}}, FeatureSet{"ext2", {"-t", "ext2"}},
                                           FeatureSet{"inline_data", {"-t", "ext4", "-O", "inline_data"}}),
                         [](const auto& set) { return std::string(set.param.name); });

}  // namespace
}  // namespace vmtool::tests
