#include "util/uuid.hpp"

#include <gtest/gtest.h>

namespace vmtool::util {
namespace {

TEST(Uuid, IsReadWithAndWithoutDashes) {
  const auto uuid = parse_uuid("6BA7B810-9dad-11d1-80b4-00c04fd430c8");
  ASSERT_TRUE(uuid);
  EXPECT_EQ(to_text(*uuid), "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  EXPECT_EQ(parse_uuid("6ba7b8109dad11d180b400c04fd430c8"), uuid);
  for (const char* text : {"", "6ba7b810-9dad-11d1-80b4-00c04fd430c", "6ba7b810-9dad-11d1-80b4-00c04fd430cg",
                           "6ba7b8109-dad-11d1-80b4-00c04fd430c8", "{6ba7b810-9dad-11d1-80b4-00c04fd430}"}) {
    EXPECT_FALSE(parse_uuid(text)) << text;
  }
}

TEST(Uuid, RandomOnesDiffer) {
  const Uuid a = random_uuid();
  EXPECT_NE(a, random_uuid());
  EXPECT_EQ(to_text(a)[14], '4');
}

TEST(Uuid, DerivedOnesFollowFromSpaceAndName) {
  const Uuid space = parse_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8").value();
  EXPECT_EQ(derived_uuid(space, "a"), derived_uuid(space, "a"));
  EXPECT_NE(derived_uuid(space, "a"), derived_uuid(space, "b"));
  EXPECT_NE(derived_uuid(space, "a"), derived_uuid(Uuid{}, "a"));
  EXPECT_EQ(to_text(derived_uuid(space, "a"))[14], '8');
}

}  // namespace
}  // namespace vmtool::util
