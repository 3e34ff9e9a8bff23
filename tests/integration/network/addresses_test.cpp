#include "tests/integration/network/scene.hpp"

namespace vmtool::ops {
namespace {

using testing::HasSubstr;
using testing::Not;

class Addresses : public NetworkScene {};

TEST_F(Addresses, ComeFromOutsideOfTheDhcpRangesWithANameForAll) {
  const std::string before = live_xml();
  const auto given = addresses().allot({wish("cn-a"), wish("cn-b")});
  ASSERT_EQ(given.size(), 2U);
  EXPECT_EQ(model::to_text(given[0].address), "10.214.7.2/24");
  EXPECT_EQ(model::to_text(given[1].address), "10.214.7.4/24") << "the third is the printer's";
  EXPECT_EQ(given[0].bridge, bridge);
  EXPECT_EQ(model::to_text(*given[0].gateway), "10.214.7.1");
  EXPECT_EQ(given[0].domain, "cnet.test");
  EXPECT_NE(given[0].mac, given[1].mac);
  EXPECT_THAT(live_xml(), HasSubstr("<hostname>cn-a</hostname>"));
  EXPECT_THAT(resolved("cn-b"), HasSubstr("10.214.7.4"));
  EXPECT_EQ(addresses().allot({wish("cn-a")})[0].mac, given[0].mac) << "a run that was killed left it; it is its own";
  addresses().release({"cn-a", "cn-b"});
  EXPECT_EQ(live_xml(), before);
  EXPECT_THAT(resolved("cn-b"), Not(HasSubstr("10.214.7.4")));
  addresses().release({"cn-a"});
}

TEST_F(Addresses, InARangeAreReservedInDhcpToo) {
  const std::string before = live_xml();
  const auto given = addresses().allot({wish("cn-a", "10.214.7.150")});
  EXPECT_THAT(live_xml(),
              HasSubstr("<host mac='" + model::to_text(given[0].mac) + "' name='cn-a' ip='10.214.7.150'/>"));
  EXPECT_THAT(connection().find_network(network)->xml(virt::Flavor::inactive), Not(HasSubstr("cn-a")))
      << "it lives as long as the container";
  addresses().release({"cn-a"});
  EXPECT_EQ(live_xml(), before);
}

TEST_F(Addresses, AreAllGivenOrNone) {
  addresses().allot({wish("cn-a", "10.214.7.30")});
  const std::string before = live_xml();
  EXPECT_EQ(error_of([&] {
              addresses().allot({wish("cn-b"), wish("cn-c", "10.214.7.30")});
            }),
            "conflict: 10.214.7.30 of network 'vmtool-cnet-test' is taken by 'cn-a'");
  EXPECT_EQ(live_xml(), before);
  EXPECT_EQ(model::to_text(addresses().allot({wish("cn-b")}, {*model::parse_ip("10.214.7.2")})[0].address),
            "10.214.7.4/24");
}

TEST_F(Addresses, AreRefusedWithTheirReason) {
  EXPECT_EQ(error_of([&] { addresses().allot({wish("cn-a", "10.214.7.1")}); }),
            "conflict: 10.214.7.1 of network 'vmtool-cnet-test' is taken by 'the host'");
  EXPECT_EQ(error_of([&] { addresses().allot({wish("cn-a", "10.214.7.3")}); }),
            "conflict: 10.214.7.3 of network 'vmtool-cnet-test' is taken by 'printer'");
  for (const char* address : {"10.214.8.9", "10.214.7.0", "10.214.7.255", "fd00::1"})
    EXPECT_THAT(error_of([&] { addresses().allot({wish("cn-a", address)}); }), HasSubstr("is no address for a guest"));
  AddressWish elsewhere = wish("cn-a");
  elsewhere.network = "vmtool-cnet-missing";
  EXPECT_THAT(error_of([&] { addresses().allot({elsewhere}); }), HasSubstr("not_found"));
  connection().find_network(network)->destroy();
  EXPECT_EQ(error_of([&] { addresses().allot({wish("cn-a")}); }),
            "unavailable: network 'vmtool-cnet-test' is not running");
}

}  // namespace
}  // namespace vmtool::ops
