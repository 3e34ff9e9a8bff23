#include "util/text.hpp"

#include <array>

#include <gtest/gtest.h>

namespace vmtool::util {
namespace {

TEST(Split, KeepsEmptyParts) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), std::vector<std::string>{""});
  EXPECT_EQ(split(",", ','), (std::vector<std::string>{"", ""}));
}

TEST(Join, IsTheReverseOfSplit) {
  EXPECT_EQ(join(split("a,b,c", ','), ", "), "a, b, c");
  EXPECT_EQ(join({}, ", "), "");
}

TEST(Trim, TakesWhiteSpaceOfBothEnds) {
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim(" \n "), "");
}

TEST(ParseDecimal, TakesDigitsOnly) {
  EXPECT_EQ(parse_decimal("0"), 0u);
  EXPECT_EQ(parse_decimal("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(parse_decimal("255", 255), 255u);
  for (const char* text : {"", "00", "01", "+1", "-1", " 1", "1 ", "1e3", "0x1", "18446744073709551616"})
    EXPECT_FALSE(parse_decimal(text)) << text;
  EXPECT_FALSE(parse_decimal("256", 255));
  EXPECT_FALSE(parse_decimal("9", 5));
}

TEST(Nearest, FindsTypingMistakesOnly) {
  const std::vector<std::string> words{"memory", "disks", "name"};
  EXPECT_EQ(nearest("memroy", words), "memory");
  EXPECT_EQ(nearest("disk", words), "disks");
  EXPECT_EQ(nearest("cuont", std::vector<std::string>{"count"}), "count");  // two neighbours swapped are one mistake
  EXPECT_EQ(nearest("interfaces", words), std::nullopt);
  EXPECT_EQ(nearest(std::string(100, 'm'), words), std::nullopt);
  EXPECT_EQ(nearest("x", {}), std::nullopt);
}

TEST(Printable, ShowsWhatATerminalMustNotSee) {
  EXPECT_EQ(printable("a\x1b[31m\n\x7f"), "a\\x1b[31m\\x0a\\x7f");
  EXPECT_EQ(printable("ä\xFF名"), "ä\\xff名");
  EXPECT_EQ(printable("\xC2\x9B"), "\\u009b");
}

TEST(Printable, CutsBetweenCharacters) {
  EXPECT_EQ(printable("aaaa", 4), "aaaa");
  EXPECT_EQ(printable("aaaaa", 4), "aaaa…");
  EXPECT_EQ(printable("ääää", 3), "ä…");
}

TEST(IsUtf8, RefusesOverlongFormsSurrogatesAndWhatIsBeyondUnicode) {
  EXPECT_TRUE(is_utf8("aä名\xF0\x9F\x98\x80"));
  for (const char* text : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                           "\xF5\x80\x80\x80", "\xC3", "\xE2\x82"}) {
    EXPECT_FALSE(is_utf8(text));
  }
}

TEST(ToHex, IsLowerCase) { EXPECT_EQ(to_hex(std::array<unsigned char, 3>{0x00, 0xAB, 0x0F}), "00ab0f"); }

}  // namespace
}  // namespace vmtool::util
