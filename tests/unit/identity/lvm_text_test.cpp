#include "identity/lvm_text.hpp"

#include <gtest/gtest.h>

#include "util/error.hpp"

namespace vmtool::identity {
namespace {

TEST(LvmText, ReadsSectionsSettingsAndLists) {
  const LvmSection root = parse_lvm_text(
      "vg0 {\n id = \"abc\"\n seqno = 3\n status = [\"READ\", \"WRITE\"]\n tags = []\n"
      " # a comment with } and \"\n logical_volumes {\n  root { size = 5 } }\n}\n"
      "description = \"a \\\"quoted\\\" } word\"\n");
  ASSERT_EQ(root.sections.size(), 1U);
  const LvmSection& group = root.sections.front();
  EXPECT_EQ(group.text("id"), "abc");
  EXPECT_EQ(group.number("seqno"), 3U);
  EXPECT_EQ(group.settings.at("status"), (std::vector<std::string>{"READ", "WRITE"}));
  EXPECT_TRUE(group.settings.at("tags").empty());
  EXPECT_EQ(group.find_section("logical_volumes")->find_section("root")->number("size"), 5U);
  EXPECT_EQ(root.text("description"), "a \"quoted\" } word");
  EXPECT_EQ(group.find_section("nothing"), nullptr);
}

TEST(LvmText, EndsAtANulByte) {
  using namespace std::string_view_literals;
  EXPECT_EQ(parse_lvm_text("a = 1\n\0b = {"sv).text("a"), "1");
}

TEST(LvmText, RefusesWhatIsCutOffOrNestsTooDeeply) {
  for (const char* text : {"a {", "a = [1", "a = \"x", "= 1", "a b", "a = {"})
    EXPECT_THROW(parse_lvm_text(text), util::Error) << text;
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "a {";
  EXPECT_THROW(parse_lvm_text(deep), util::Error);
}

}  // namespace
}  // namespace vmtool::identity
