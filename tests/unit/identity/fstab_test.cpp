#include "identity/fstab.hpp"

#include <gtest/gtest.h>

namespace vmtool::identity {
namespace {

TEST(Fstab, ReadsMountsAndSkipsTheRest) {
  const auto entries =
      parse_fstab("# comment\n\nUUID=ab-1 / ext4 rw,noatime 0 1\nLABEL=d\t/with\\040space  xfs\nbad line\n");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].spec, "UUID=ab-1");
  EXPECT_EQ(entries[0].options, (std::vector<std::string>{"rw", "noatime"}));
  EXPECT_EQ(entries[1].mount_point, "/with space");
  EXPECT_EQ(entries[1].type, "xfs");
}

TEST(Fstab, KnowsEveryWayToNameAPartition) {
  Partition partition;
  partition.number = 2;
  partition.uuid = "0a-02";
  partition.name = "root";
  partition.content_uuid = "aaaa-bbbb";
  partition.content_label = "ROOT";
  for (const char* spec :
       {"UUID=AAAA-bbbb", "UUID=\"aaaa-bbbb\"", "LABEL=ROOT", "PARTUUID=0A-02", "PARTLABEL=root",
        "/dev/disk/by-uuid/aaaa-bbbb", "/dev/disk/by-partlabel/root", "/dev/vda2", "/dev/sda2", "/dev/nvme0n1p2"}) {
    EXPECT_TRUE(names_partition(spec, partition, 0)) << spec;
  }
  for (const char* spec :
       {"UUID=", "UUID=aaaa", "LABEL=root", "/dev/vda1", "/dev/vdb2", "/dev/vda", "/dev/mapper/x", ""}) {
    EXPECT_FALSE(names_partition(spec, partition, 0)) << spec;
  }
  EXPECT_TRUE(names_partition("/dev/vdb2", partition, 1));
}

}  // namespace
}  // namespace vmtool::identity
