#include "images/layer_path.hpp"

#include <gtest/gtest.h>

#include "util/error.hpp"

namespace vmtool::images {
namespace {

TEST(LayerPath, StartsAtTheRootWhateverItSays) {
  EXPECT_EQ(clean_layer_path("./"), "");
  EXPECT_EQ(clean_layer_path("/"), "");
  EXPECT_EQ(clean_layer_path("/etc//./passwd"), "etc/passwd");
  EXPECT_EQ(clean_layer_path("a/b/"), "a/b");
  EXPECT_EQ(clean_layer_path("..a/b.."), "..a/b..");
}

TEST(LayerPath, RefusesWhatLeadsOut) {
  for (const char* name : {"..", "../x", "a/../x", "a/..", "/../x", "./.."})
    EXPECT_THROW(clean_layer_path(name), util::Error) << name;
}

TEST(LayerPath, HasTheKernelsBounds) {
  EXPECT_EQ(clean_layer_path(std::string(255, 'a')).size(), 255U);
  EXPECT_THROW(clean_layer_path(std::string(256, 'a')), util::Error);
  std::string deep;
  while (deep.size() < 4094) deep += "a/";
  EXPECT_EQ(clean_layer_path(deep + "b").size(), 4095U);
  EXPECT_THROW(clean_layer_path(deep + "bb"), util::Error);
}

TEST(LayerName, KnowsWhiteouts) {
  const LayerName hides = parse_layer_name("etc/.wh.passwd");
  EXPECT_EQ(hides.meaning, Meaning::whiteout);
  EXPECT_EQ(hides.parent, "etc");
  EXPECT_EQ(hides.name, "passwd");
  EXPECT_EQ(parse_layer_name("etc/.wh..wh..opq").meaning, Meaning::opaque);
  EXPECT_EQ(parse_layer_name(".wh..wh.plnk").meaning, Meaning::ignored);
  EXPECT_EQ(parse_layer_name("etc/.wh").meaning, Meaning::entry);
  EXPECT_EQ(parse_layer_name("etc/.wh.x/y").meaning, Meaning::entry) << "a directory of that name is no whiteout";
}

TEST(LayerName, RefusesWhiteoutsOfNoFile) {
  for (const char* name : {".wh.", ".wh..", ".wh...", "etc/.wh..", "etc/.wh..."})
    EXPECT_THROW(parse_layer_name(name), util::Error) << name;
}

}  // namespace
}  // namespace vmtool::images
