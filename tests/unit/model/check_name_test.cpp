#include <gtest/gtest.h>

#include "model/check.hpp"

namespace vmtool::model {
namespace {

TEST(FaultOfName, AcceptsWhatFilesHostsAndDnsTake) {
  for (const char* name : {"a", "0", "web-1", "a.b_c+d", "DB01"}) EXPECT_EQ(fault_of_name(name), std::nullopt) << name;
  EXPECT_EQ(fault_of_name(std::string(63, 'a')), std::nullopt);
}

TEST(FaultOfName, SaysWhatIsWrong) {
  const std::string allowed = "; letters, digits and . _ + - are allowed";
  EXPECT_EQ(fault_of_name(""), "a name can't be empty");
  EXPECT_EQ(fault_of_name("a/b"), "the name 'a/b' has the character '/'" + allowed);
  EXPECT_EQ(fault_of_name(".."), "the name '..' does not start with a letter or a digit");
  EXPECT_EQ(fault_of_name("-a"), "the name '-a' does not start with a letter or a digit");
  EXPECT_EQ(fault_of_name("a\nb"), "the name 'a\\x0ab' has the character '\\x0a'" + allowed);
  EXPECT_EQ(fault_of_name("<a>"), "the name '<a>' has the character '<'" + allowed);
  EXPECT_EQ(fault_of_name("名前"), "the name '名前' has the character '名'" + allowed);
  EXPECT_EQ(fault_of_name(std::string("a\0b", 3)), "the name 'a\\x00b' has the character '\\x00'" + allowed);
  EXPECT_EQ(fault_of_name(std::string(300, 'a')),
            "the name '" + std::string(80, 'a') + "…' has 300 bytes, at most 63 are allowed");
}

TEST(FaultOfText, AcceptsWhatXmlCanHold) {
  for (const char* text : {"", "a\tb\nc\r", "<&>\"'", "名前", "\xF0\x9F\x98\x80"})
    EXPECT_EQ(fault_of_text(text), std::nullopt) << text;
}

TEST(FaultOfText, RefusesWhatXmlCanNotHold) {
  EXPECT_EQ(fault_of_text("a\x1b[0m"), "the text 'a\\x1b[0m' has the control character \\x1b");
  EXPECT_EQ(fault_of_text(std::string(1, '\0')), "the text '\\x00' has the control character \\x00");
  EXPECT_EQ(fault_of_text("a\xFF"), "'a\\xff' is not UTF-8");
  EXPECT_NE(fault_of_text("\xEF\xBF\xBF"), std::nullopt);
}

}  // namespace
}  // namespace vmtool::model
