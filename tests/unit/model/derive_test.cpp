#include "model/derive.hpp"

#include <gtest/gtest.h>

namespace vmtool::model {
namespace {

const util::Uuid host = util::parse_uuid("11111111-2222-3333-4444-555555555555").value();
const util::Uuid other = util::parse_uuid("11111111-2222-3333-4444-555555555556").value();

TEST(Derive, GivesTheSameForEver) {
  // The values are part of what users rely on: a change here renames every machine's identity.
  EXPECT_EQ(to_text(derive_uuid(host, "VirtualMachine", "web")), "43bc0f71-b761-8288-95aa-68cbfd25f9c1");
  EXPECT_EQ(to_text(derive_mac(host, "VirtualMachine", "web", "lan")), "52:54:00:31:c7:39");
}

TEST(Derive, DiffersByHostKindNameInterfaceAndAttempt) {
  const auto uuid = derive_uuid(host, "VirtualMachine", "web");
  EXPECT_NE(uuid, derive_uuid(other, "VirtualMachine", "web"));
  EXPECT_NE(uuid, derive_uuid(host, "Network", "web"));
  EXPECT_NE(uuid, derive_uuid(host, "VirtualMachine", "web2"));
  const auto mac = derive_mac(host, "VirtualMachine", "web", "lan");
  EXPECT_NE(mac, derive_mac(other, "VirtualMachine", "web", "lan"));
  EXPECT_NE(mac, derive_mac(host, "VirtualMachine", "web", "ext"));
  EXPECT_NE(mac, derive_mac(host, "VirtualMachine", "web", "lan", 1));
  EXPECT_NE(derive_mac(host, "VirtualMachine", "a", "bc"), derive_mac(host, "VirtualMachine", "ab", "c"));
}

TEST(Derive, MacsAreOfQemusRange) {
  EXPECT_EQ(to_text(derive_mac(host, "VirtualMachine", "web", "lan")).substr(0, 9), "52:54:00:");
}

TEST(Derive, UuidsAreOfVersionEight) {
  const std::string text = to_text(derive_uuid(host, "VirtualMachine", "web"));
  EXPECT_EQ(text[14], '8');
  EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos);
}

}  // namespace
}  // namespace vmtool::model
