#include "identity/text_edit.hpp"

#include <gtest/gtest.h>

namespace vmtool::identity {
namespace {

TEST(ReplaceWords, KeepsCommentsSpacesAndPartsOfWords) {
  const auto rename = [](const std::string& word) { return word == "old" ? std::string("new") : word; };
  EXPECT_EQ(replace_words("127.0.1.1\told  older # old\nold=\"old\"\n", rename),
            "127.0.1.1\tnew  older # old\nnew=\"new\"\n");
  EXPECT_EQ(replace_words("old", rename), "new");
  EXPECT_EQ(replace_words("", rename), "");
}

TEST(Macs, AreFoundInEveryForm) {
  EXPECT_EQ(macs_in("a 52:54:00:AA:bb:01, 52-54-00-aa-bb-02; 52:54:00:aa:bb:01"),
            (std::vector<std::string>{"52:54:00:aa:bb:01", "52:54:00:aa:bb:02"}));
}

TEST(Macs, AreNotPartsOfLongerWords) {
  EXPECT_TRUE(macs_in("00:52:54:00:aa:bb:01").empty());
  EXPECT_TRUE(macs_in("52:54:00:aa:bb:012").empty());
  EXPECT_TRUE(macs_in("52:54-00:aa:bb:01").empty());
  EXPECT_TRUE(macs_in("52:54:00:aa:bb").empty());
}

TEST(ReplaceMac, KeepsTheFormOfTheOldOne) {
  EXPECT_EQ(replace_mac("mac=52:54:00:AA:BB:01\n52-54-00-aa-bb-01\n52:54:00:aa:bb:02", "52:54:00:aa:bb:01",
                        "52:54:00:cc:dd:0e"),
            "mac=52:54:00:CC:DD:0E\n52-54-00-cc-dd-0e\n52:54:00:aa:bb:02");
}

}  // namespace
}  // namespace vmtool::identity
