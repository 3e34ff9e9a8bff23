#include "identity/staged_volume.hpp"

#include <gtest/gtest.h>

#include <array>
#include <numeric>

#include "tests/unit/identity/memory_device.hpp"
#include "util/error.hpp"

namespace vmtool::identity {
namespace {

constexpr std::size_t page = StagedVolume::page_size;

std::vector<unsigned char> bytes(std::size_t count, unsigned char value) {
  return std::vector<unsigned char>(count, value);
}

TEST(StagedVolume, KeepsWritesFromTheDiskUntilCommit) {
  tests::MemoryDevice disk(8 * page);
  const auto before = disk.bytes;
  StagedVolume volume(disk, page, 4 * page);
  volume.write(page - 10, bytes(20, 7));
  EXPECT_EQ(disk.bytes, before);

  std::vector<unsigned char> seen(30);
  volume.read(page - 15, seen);
  EXPECT_EQ(std::accumulate(seen.begin(), seen.end(), 0), 20 * 7);
  EXPECT_EQ(seen[4], 0);
  EXPECT_EQ(seen[5], 7);

  volume.commit();
  EXPECT_EQ(disk.bytes[2 * page - 10], 7);
  EXPECT_EQ(disk.bytes[2 * page + 9], 7);
  EXPECT_EQ(std::accumulate(disk.bytes.begin(), disk.bytes.end(), 0), 20 * 7);
  EXPECT_EQ(disk.flushes, 1);
}

TEST(StagedVolume, JoinsNeighbouringPagesAndLeavesUnchangedOnesOut) {
  tests::MemoryDevice disk(16 * page);
  StagedVolume volume(disk, 0, 16 * page);
  volume.write(0, bytes(page, 0));             // the same as before
  volume.write(2 * page, bytes(2 * page, 1));  // a run of two
  volume.write(9 * page + 1, bytes(1, 1));
  const auto runs = volume.changes();
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].offset, 2 * page);
  EXPECT_EQ(runs[0].bytes.size(), 2 * page);
  EXPECT_EQ(runs[1].offset, 9 * page);
}

TEST(StagedVolume, WritesTheLastPartOfAPageAtTheEnd) {
  tests::MemoryDevice disk(2 * page);
  StagedVolume volume(disk, 512, page + 100);
  volume.write(page + 90, bytes(10, 3));
  volume.commit();
  EXPECT_EQ(disk.bytes[512 + page + 99], 3);
  EXPECT_EQ(disk.bytes[512 + page + 100], 0);
}

TEST(StagedVolume, RefusesRangesBeyondItsEnd) {
  tests::MemoryDevice disk(4 * page);
  EXPECT_THROW(StagedVolume(disk, page, 4 * page), util::Error);
  StagedVolume volume(disk, 0, page);
  EXPECT_THROW(volume.write(page - 1, bytes(2, 1)), util::Error);
  EXPECT_THROW(volume.write(UINT64_MAX, bytes(2, 1)), util::Error);
  std::array<unsigned char, 2> out{};
  EXPECT_THROW(volume.read(page - 1, out), util::Error);
}

TEST(StagedVolume, RefusesEditsThatNoCloneNeeds) {
  tests::MemoryDevice disk(std::size_t{80} << 20);
  StagedVolume volume(disk, 0, disk.size());
  const auto write_all = [&] {
    for (std::uint64_t at = 0; at < disk.size(); at += page) volume.write(at, bytes(1, 1));
  };
  EXPECT_THROW(write_all(), util::Error);
}

}  // namespace
}  // namespace vmtool::identity
