#include "isolation/idmap.hpp"

#include <gtest/gtest.h>

#include "util/error.hpp"

namespace vmtool::isolation {
namespace {

TEST(CheckIdMap, TakesSeparateRanges) { EXPECT_NO_THROW(check_id_map({{0, 1000, 1}, {1, 100000, 65536}}, "uid")); }

TEST(CheckIdMap, RefusesOverlapOnEitherSide) {
  EXPECT_THROW(check_id_map({{0, 1000, 10}, {5, 2000, 10}}, "uid"), util::Error);
  EXPECT_THROW(check_id_map({{0, 1000, 10}, {20, 1005, 10}}, "uid"), util::Error);
}

TEST(CheckIdMap, RefusesNothingAndTooMuch) {
  EXPECT_THROW(check_id_map({}, "uid"), util::Error);
  EXPECT_THROW(check_id_map({{0, 0, 0}}, "uid"), util::Error);
  EXPECT_THROW(check_id_map({{0, 4294967295, 1}}, "uid"), util::Error);
  EXPECT_THROW(check_id_map({{1, 0, 4294967295}}, "uid"), util::Error);
}

TEST(ToHostId, CountsWithinTheRange) {
  const std::vector<IdMap> map{{0, 1000, 1}, {1, 100000, 65535}};
  EXPECT_EQ(to_host_id(map, 0), 1000u);
  EXPECT_EQ(to_host_id(map, 65535), 165534u);
  EXPECT_FALSE(to_host_id(map, 65536));
}

TEST(IdMapText, IsWhatTheKernelTakes) {
  EXPECT_EQ(id_map_text({{0, 1000, 1}, {1, 100000, 65535}}), "0 1000 1\n1 100000 65535\n");
}

TEST(SubordinateRanges, AreFoundByNameAndNumber) {
  const auto ranges =
      subordinate_ranges("alice:100000:65536\nbob:200000:10\n1000:300000:5\nalice:bad:1\n:1:1\nalice:1", "alice", 1000);
  ASSERT_EQ(ranges.size(), 2u);
  EXPECT_EQ(ranges[0].first, 100000u);
  EXPECT_EQ(ranges[1].count, 5u);
}

}  // namespace
}  // namespace vmtool::isolation
