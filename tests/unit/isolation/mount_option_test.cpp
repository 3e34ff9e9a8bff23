#include "isolation/mount_option.hpp"

#include <gtest/gtest.h>
#include <sys/mount.h>

#include "util/error.hpp"

namespace vmtool::isolation {
namespace {

TEST(ParseMountOptions, SortsFlagsPropagationAndData) {
  const MountOptions out = parse_mount_options({"nosuid", "ro", "rslave", "mode=755", "newinstance"});
  EXPECT_EQ(out.set, std::uint64_t{MOUNT_ATTR_NOSUID | MOUNT_ATTR_RDONLY});
  EXPECT_EQ(out.propagation, static_cast<unsigned long>(MS_SLAVE | MS_REC));
  ASSERT_EQ(out.data.size(), 2u);
  EXPECT_EQ(out.data[0], (std::pair<std::string, std::string>{"mode", "755"}));
  EXPECT_EQ(out.data[1].second, "");
}

TEST(ParseMountOptions, TheLastWordOfAPairCounts) {
  EXPECT_EQ(parse_mount_options({"ro", "rw"}).set, 0u);
  EXPECT_EQ(parse_mount_options({"rw", "ro"}).set, std::uint64_t{MOUNT_ATTR_RDONLY});
  EXPECT_EQ(parse_mount_options({"noatime", "strictatime"}).set, std::uint64_t{MOUNT_ATTR_STRICTATIME});
}

TEST(ParseMountOptions, KnowsRecursiveWords) {
  const MountOptions out = parse_mount_options({"rbind", "rro"});
  EXPECT_TRUE(out.recursive_bind);
  EXPECT_EQ(out.recursive_set, std::uint64_t{MOUNT_ATTR_RDONLY});
  EXPECT_EQ(out.set, 0u);
}

TEST(ParseMountOptions, AReadOnlyBindLeavesTheSuperblockAlone) {
  EXPECT_TRUE(parse_mount_options({"ro"}).read_only_superblock);
  EXPECT_FALSE(parse_mount_options({"bind", "ro"}).read_only_superblock);
}

TEST(ParseMountOptions, RefusesEmptyWords) { EXPECT_THROW(parse_mount_options({""}), util::Error); }

}  // namespace
}  // namespace vmtool::isolation
