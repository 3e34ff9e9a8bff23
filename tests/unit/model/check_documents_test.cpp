#include "tests/unit/model/check_support.hpp"

namespace vmtool::model {
namespace {

Manifest manifest(std::vector<Object> objects) {
  Manifest out;
  for (Object& object : objects) {
    out.documents.push_back({std::move(object), "lab.yaml", static_cast<unsigned>(out.documents.size() * 10 + 1), {}});
  }
  return out;
}

std::vector<std::string> found(std::vector<Object> objects) {
  std::vector<std::string> out;
  for (const CrossFinding& cross : check(manifest(std::move(objects)))) {
    out.push_back(std::to_string(cross.document) + " " + cross.finding.path + ": " + cross.finding.message);
  }
  return out;
}

VirtualMachine machine(const char* name, const char* address = nullptr) {
  VirtualMachine out = good_machine();
  out.name = name;
  if (address != nullptr) out.interfaces[0].address = ip(address);
  return out;
}

Network network(const char* name, const char* subnet) {
  Network out = good_network();
  out.name = name;
  out.addresses = {{prefix(subnet), Dhcp{}}};
  return out;
}

using Found = std::vector<std::string>;

TEST(CheckDocuments, ANameOfAKindStandsOnce) {
  EXPECT_EQ(found({machine("web"), network("web", "10.0.0.1/24"), machine("web")}),
            Found{"2 name: there is another VirtualMachine with the name 'web' (lab.yaml:1)"});
}

TEST(CheckDocuments, AMacBelongsToOneInterface) {
  VirtualMachine a = machine("a");
  VirtualMachine b = machine("b");
  a.interfaces[0].mac = b.interfaces[1].mac = mac("52:54:00:00:00:01");
  EXPECT_EQ(
      found({a, b}),
      Found{"1 interfaces[1].macAddress: the MAC address '52:54:00:00:00:01' belongs to 'a' (lab.yaml:1) already"});
  a.interfaces[1].mac = a.interfaces[0].mac;
  EXPECT_EQ(
      found({a}),
      Found{"0 interfaces[1].macAddress: the MAC address '52:54:00:00:00:01' belongs to 'a' (lab.yaml:1) already"});
}

TEST(CheckDocuments, AnAddressOfANetworkBelongsToOneMachine) {
  VirtualMachine elsewhere = machine("c", "10.0.0.9");
  elsewhere.interfaces[0].network = "other";
  EXPECT_EQ(found({machine("a", "10.0.0.9"), machine("b", "10.0.0.9"), elsewhere}),
            Found{"1 interfaces[0].address: the address '10.0.0.9' belongs to 'a' (lab.yaml:1) already"});
}

TEST(CheckDocuments, AnAddressLiesInItsNetwork) {
  const Network lab = network("lab", "10.0.0.1/24");
  EXPECT_EQ(found({machine("a", "10.0.0.9"), lab}), Found{});
  EXPECT_EQ(found({machine("a", "10.0.1.9"), lab}),
            Found{"0 interfaces[0].address: the address '10.0.1.9' is in no subnet of the network 'lab'"});
  EXPECT_EQ(found({machine("a", "10.0.0.1"), lab}),
            Found{"0 interfaces[0].address: the address '10.0.0.1' is the host's own in the network 'lab'"});
  EXPECT_EQ(found({machine("a", "10.0.0.255"), lab}),
            Found{"0 interfaces[0].address: the address '10.0.0.255' is not one for a machine in '10.0.0.1/24'"});
  Network without = lab;
  without.addresses[0].dhcp.reset();
  EXPECT_EQ(found({machine("a", "10.0.0.9"), without}),
            Found{"0 interfaces[0].address: the network 'lab' can't reserve '10.0.0.9': its subnet has no DHCP"});
  Network automatic = lab;
  automatic.addresses[0].prefix.reset();
  EXPECT_EQ(found({machine("a", "10.0.1.9"), automatic}), Found{});
}

TEST(CheckDocuments, AReservationOfTheNetworkIsAnothersUnlessItIsTheMachines) {
  Network lab = network("lab", "10.0.0.1/24");
  lab.addresses[0].dhcp->hosts = {{"printer", mac("52:54:00:00:00:07"), ip("10.0.0.7")}};
  EXPECT_EQ(found({lab, machine("a", "10.0.0.7")}),
            Found{"1 interfaces[0].address: the network 'lab' reserves '10.0.0.7' for another host"});
  EXPECT_EQ(found({lab, machine("printer", "10.0.0.7")}), Found{});
}

TEST(CheckDocuments, NetworksShareNoSubnetAndNoBridge) {
  Network a = network("a", "10.0.0.1/16");
  Network b = network("b", "10.0.7.1/24");
  Network c = network("c", "10.0.9.1/24");
  Network d = network("d", "10.1.0.1/24");
  EXPECT_EQ(found({c, a, b, d}),
            (Found{"2 addresses[0].address: the subnet overlaps that of the network 'a' (lab.yaml:11)",
                   "1 addresses[0].address: the subnet overlaps that of the network 'c' (lab.yaml:1)"}));
  a = network("a", "10.2.0.1/24");
  a.bridge.name = d.bridge.name = "virbr7";
  EXPECT_EQ(found({a, d}), Found{"1 bridge.name: the network 'a' (lab.yaml:1) has the bridge 'virbr7' too"});
}

}  // namespace
}  // namespace vmtool::model
