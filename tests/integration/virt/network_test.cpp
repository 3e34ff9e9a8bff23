#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/virt/host.hpp"

namespace vmtool::virt::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class NetworkOnHost : public Host {};

TEST_F(NetworkOnHost, LivesFromDefineToUndefine) {
  const Network network = host().define_network(small_network("vt-virt-net", "vtvirt0", 7), Connection::Validate::yes);
  EXPECT_EQ(network.bridge(), "vtvirt0");
  EXPECT_FALSE(network.is_active());
  network.set_autostart(true);
  EXPECT_TRUE(network.autostart());
  network.set_autostart(false);
  network.start();
  EXPECT_TRUE(network.is_active());
  EXPECT_TRUE(network.leases().empty());

  const std::string host_entry = "<host mac='52:54:00:13:00:07' name='seven' ip='10.213.7.7'/>";
  const std::string dns_entry = "<host ip='10.213.7.7'><hostname>seven</hostname></host>";
  network.update(Network::Section::dhcp_host, Network::Update::add, host_entry);
  network.update(Network::Section::dns_host, Network::Update::add, dns_entry);
  for (const Flavor flavor : {Flavor::current, Flavor::inactive}) {
    EXPECT_THAT(network.xml(flavor), AllOf(HasSubstr("52:54:00:13:00:07"), HasSubstr("<hostname>seven</hostname>")));
  }
  const util::Error twice =
      error_of([&] { network.update(Network::Section::dhcp_host, Network::Update::add, host_entry); });
  EXPECT_EQ(twice.kind(), util::Errc::conflict) << twice.message();
  network.update(Network::Section::dhcp_host, Network::Update::modify,
                 "<host mac='52:54:00:13:00:07' name='seven' ip='10.213.7.8'/>");
  EXPECT_THAT(network.xml(Flavor::current), HasSubstr("10.213.7.8"));
  network.update(Network::Section::dns_host, Network::Update::remove, dns_entry);
  network.update(Network::Section::dhcp_host, Network::Update::remove,
                 "<host mac='52:54:00:13:00:07' name='seven' ip='10.213.7.8'/>");
  EXPECT_THAT(network.xml(Flavor::inactive), Not(HasSubstr("seven")));
  network.destroy();
  network.undefine();
  EXPECT_FALSE(host().find_network("vt-virt-net").has_value());
}

TEST_F(NetworkOnHost, ATakenSubnetIsAConflict) {
  host().define_network(small_network("vt-virt-one", "vtvirt1", 8)).start();
  const Network second = host().define_network(small_network("vt-virt-two", "vtvirt2", 8));
  const util::Error error = error_of([&] { second.start(); });
  EXPECT_EQ(error.kind(), util::Errc::conflict);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("another interface of the host has that subnet"), HasSubstr("vtvirt1")));
  EXPECT_FALSE(second.is_active());
}

TEST_F(NetworkOnHost, ATakenBridgeIsAConflict) {
  host().define_network(small_network("vt-virt-one", "vtvirt1", 8));
  const util::Error error = error_of([&] { host().define_network(small_network("vt-virt-two", "vtvirt1", 9)); });
  EXPECT_EQ(error.kind(), util::Errc::conflict) << error.message();
  EXPECT_THAT(error.message(), HasSubstr("vtvirt1"));
}

TEST_F(NetworkOnHost, StoppingWhatIsOffIsAConflict) {
  const Network network = host().define_network(small_network("vt-virt-net", "vtvirt0", 7));
  const util::Error error = error_of([&] { network.destroy(); });
  EXPECT_EQ(error.kind(), util::Errc::conflict);
  EXPECT_THAT(error.hint(), HasSubstr("vmtool net start"));
}

TEST_F(NetworkOnHost, ANetworkWithoutABridgeHasNoName) {
  const Network network = host().define_network(
      "<network><name>vt-virt-direct</name><forward mode='bridge'><interface dev='lo'/></forward></network>");
  EXPECT_EQ(network.bridge(), "");
}

}  // namespace
}  // namespace vmtool::virt::tests
