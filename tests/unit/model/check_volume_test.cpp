#include "tests/unit/model/check_support.hpp"

namespace vmtool::model {
namespace {

Volume good_volume() {
  Volume volume;
  volume.name = "v";
  volume.capacity = util::Bytes{1 << 20};
  return volume;
}

TEST(CheckVolume, FindsWhatQcow2AloneCanDo) {
  EXPECT_TRUE(check(good_volume()).empty());
  Volume volume = good_volume();
  volume.format = DiskFormat::raw;
  volume.preallocation = Preallocation::metadata;
  volume.cluster_size = util::Bytes{65536};
  volume.lazy_refcounts = true;
  EXPECT_EQ(shown(check(volume)), (std::vector<std::string>{"preallocation: preallocation metadata needs format qcow2",
                                                            "clusterSize: a cluster size needs format qcow2",
                                                            "lazyRefcounts: lazyRefcounts needs format qcow2"}));
}

TEST(CheckVolume, FindsImpossibleSizes) {
  Volume volume = good_volume();
  volume.capacity = {};
  EXPECT_EQ(shown(check(volume)), std::vector<std::string>{"capacity: the capacity is zero"});
  for (const std::uint64_t size : {256ull, 65537ull, 4ull << 20, 0ull}) {
    volume = good_volume();
    volume.cluster_size = util::Bytes{size};
    ASSERT_EQ(check(volume).size(), 1u) << size;
    EXPECT_EQ(check(volume)[0].path, "clusterSize");
  }
}

TEST(CheckImage, FindsABadFileAndChecksum) {
  Image image{"i", "/srv/i.qcow2", "sha256:" + std::string(64, '0'), "default"};
  EXPECT_TRUE(check(image).empty());
  image = {"i", "i.qcow2", "md5:0", "a/b"};
  EXPECT_EQ(shown(check(image)), (std::vector<std::string>{"pool: 'a/b' is a path, not a name",
                                                           "source.file: 'i.qcow2' is not an absolute path",
                                                           "checksum: 'md5:0' is not a checksum"}));
}

}  // namespace
}  // namespace vmtool::model
