#include "identity/static_address.hpp"

#include <gtest/gtest.h>

namespace vmtool::identity {
namespace {

using Found = std::vector<std::string>;

TEST(StaticAddresses, AreReadFromNetplanWithoutItsNameServers) {
  const char* text =
      "network:\n"
      "  version: 2\n"
      "  ethernets:\n"
      "    lan:\n"
      "      match: {macaddress: \"52:54:00:11:22:33\"}\n"
      "      addresses:\n"
      "        - 192.168.1.5/24\n"
      "        - \"fd00::5/64\":\n"
      "            lifetime: 0\n"
      "      # - 192.168.1.6/24\n"
      "      nameservers:\n"
      "        addresses: [9.9.9.9, 1.1.1.1]\n"
      "      routes:\n"
      "        - {to: default, via: 192.168.1.1}\n"
      "    wan:\n"
      "      addresses: [10.0.0.7/8]\n"
      "      dhcp4: true\n";
  EXPECT_EQ(static_addresses("/etc/netplan/01.yaml", text), (Found{"192.168.1.5/24", "fd00::5/64", "10.0.0.7/8"}));
}

TEST(StaticAddresses, AreReadFromAListAtTheIndentOfItsKey) {
  EXPECT_EQ(static_addresses("/etc/netplan/a.yaml", "addresses:\n- 10.1.1.1/24\ngateway4: 10.1.1.254\n"),
            (Found{"10.1.1.1/24"}));
}

TEST(StaticAddresses, AreReadFromNetworkd) {
  EXPECT_EQ(static_addresses("/etc/systemd/network/a.network",
                             "[Network]\nDHCP=no\nAddress=10.0.0.5/24\n#Address=1.2.3.4\nDNS=9.9.9.9\n"),
            (Found{"10.0.0.5/24"}));
  EXPECT_TRUE(static_addresses("/etc/systemd/network/a.link", "Address=10.0.0.5/24\n").empty());
}

TEST(StaticAddresses, AreReadFromDropInsAndFromDhcpcd) {
  EXPECT_EQ(static_addresses("/etc/systemd/network/a.network.d/fixed.conf", "[Network]\nAddress=10.0.0.5/24\n"),
            (Found{"10.0.0.5/24"}));
  EXPECT_EQ(
      static_addresses(
          "/etc/dhcpcd.conf",
          "interface eth0\nstatic ip_address=10.0.0.5/24\nstatic routers=10.0.0.1\nstatic ip6_address=fd00::5/64\n"),
      (Found{"10.0.0.5/24"}));
}

TEST(StaticAddresses, AreReadFromInterfaces) {
  EXPECT_EQ(static_addresses("/etc/network/interfaces",
                             "iface lo inet loopback\niface eth0 inet static\n  address 10.0.0.5\n  gateway "
                             "10.0.0.1\niface eth1 inet dhcp\n"),
            (Found{"10.0.0.5"}));
}

TEST(StaticAddresses, AreReadFromIfcfgAndKeyfiles) {
  EXPECT_EQ(static_addresses("/etc/sysconfig/network-scripts/ifcfg-eth0",
                             "IPADDR=\"10.0.0.5\"\nIPADDR2=10.0.0.6\nGATEWAY=10.0.0.1\nIPV6ADDR=fd00::1/64\n"),
            (Found{"10.0.0.5", "10.0.0.6", "fd00::1/64"}));
  EXPECT_EQ(static_addresses("/etc/NetworkManager/system-connections/a.nmconnection",
                             "[ipv4]\naddress1=10.0.0.5/24,10.0.0.1\nmethod=manual\n"),
            (Found{"10.0.0.5/24"}));
}

TEST(StaticAddresses, LeaveOutWhatEveryMachineHas) {
  EXPECT_TRUE(
      static_addresses("/etc/systemd/network/lo.network", "Address=127.0.0.1/8\nAddress=fe80::1/64\nAddress=::1/128\n")
          .empty());
}

TEST(ReplaceAddress, KeepsThePrefixUnlessANewOneIsGiven) {
  EXPECT_EQ(replace_address("a: [10.0.0.5/24, 10.0.0.50/24]", "10.0.0.5/24", "10.0.0.9"),
            "a: [10.0.0.9/24, 10.0.0.50/24]");
  EXPECT_EQ(replace_address("a: [10.0.0.5/24]", "10.0.0.5/24", "10.1.0.9/16"), "a: [10.1.0.9/16]");
  EXPECT_EQ(replace_address("10.0.0.5 host", "10.0.0.5/24", "10.1.0.9/16"), "10.1.0.9 host");
}

TEST(IsAddress, WantsAWholeAddress) {
  EXPECT_TRUE(is_address("10.0.0.5/24"));
  EXPECT_TRUE(is_address("fd00::1"));
  EXPECT_FALSE(is_address("10.0.0"));
  EXPECT_FALSE(is_address("10.0.0.5/"));
  EXPECT_FALSE(is_address("10.0.0.5/x"));
}

}  // namespace
}  // namespace vmtool::identity
