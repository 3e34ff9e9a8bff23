#include "model/address.hpp"

#include <gtest/gtest.h>

#include "tests/unit/model/check_support.hpp"

namespace vmtool::model {
namespace {

TEST(Mac, IsReadInAnyCaseAndWrittenInLower) {
  EXPECT_EQ(to_text(parse_mac("52:54:00:AB:cd:0f").value()), "52:54:00:ab:cd:0f");
  EXPECT_FALSE(parse_mac("52:54:00:ab:cd:0f")->is_multicast());
  EXPECT_TRUE(parse_mac("01:00:5e:00:00:01")->is_multicast());
  for (const char* text :
       {"", "52:54:00:ab:cd", "52-54-00-ab-cd-0f", "52:54:00:ab:cd:0g", "52:54:00:ab:cd:0f ", "5254:00:ab:cd:0f:"}) {
    EXPECT_FALSE(parse_mac(text)) << text;
  }
}

TEST(Ip, ReadsBothFamilies) {
  EXPECT_EQ(to_text(ip("192.168.140.1")), "192.168.140.1");
  EXPECT_EQ(ipv4_value(ip("192.168.140.1")), 0xC0A88C01u);
  EXPECT_EQ(ipv4(0xC0A88C01u), ip("192.168.140.1"));
  EXPECT_EQ(to_text(ip("FD12:0::1")), "fd12::1");
  EXPECT_EQ(ip("::1").width(), 128u);
  EXPECT_NE(ip("::192.168.140.1"), ip("192.168.140.1"));
}

TEST(Ip, RefusesWhatHasTwoReadings) {
  for (const char* text : {"", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.4/24", " 1.2.3.4", "0x1.2.3.4",
                           "fe80::1%eth0", ":::", "1::2::3"}) {
    EXPECT_FALSE(parse_ip(text)) << text;
  }
  EXPECT_FALSE(parse_ip(std::string_view("1.2.3.4\0x", 9)));
}

TEST(Prefix, ReadsALengthThatFits) {
  EXPECT_EQ(to_text(prefix("10.0.0.1/8")), "10.0.0.1/8");
  EXPECT_EQ(prefix("fd00::1/128").length, 128u);
  for (const char* text : {"10.0.0.1", "10.0.0.1/", "10.0.0.1/33", "10.0.0.1/08", "10.0.0.1/-1", "fd00::/129", "/24"}) {
    EXPECT_FALSE(parse_prefix(text)) << text;
  }
}

TEST(Prefix, KnowsItsEnds) {
  EXPECT_EQ(to_text(first_address(prefix("192.168.140.77/26"))), "192.168.140.64");
  EXPECT_EQ(to_text(last_address(prefix("192.168.140.77/26"))), "192.168.140.127");
  EXPECT_EQ(to_text(first_address(prefix("1.2.3.4/0"))), "0.0.0.0");
  EXPECT_EQ(last_address(prefix("1.2.3.4/32")), ip("1.2.3.4"));
  EXPECT_EQ(to_text(last_address(prefix("fd00::1/64"))), "fd00::ffff:ffff:ffff:ffff");
}

TEST(Prefix, ContainsAndOverlaps) {
  EXPECT_TRUE(contains(prefix("10.0.0.1/24"), ip("10.0.0.255")));
  EXPECT_FALSE(contains(prefix("10.0.0.1/24"), ip("10.0.1.0")));
  EXPECT_FALSE(contains(prefix("::/0"), ip("10.0.0.1")));
  EXPECT_TRUE(overlaps(prefix("10.0.0.0/8"), prefix("10.9.0.0/16")));
  EXPECT_TRUE(overlaps(prefix("10.9.0.0/16"), prefix("10.0.0.0/8")));
  EXPECT_FALSE(overlaps(prefix("10.9.0.0/16"), prefix("10.8.0.0/16")));
  EXPECT_FALSE(overlaps(prefix("::/0"), prefix("10.8.0.0/16")));
}

}  // namespace
}  // namespace vmtool::model
