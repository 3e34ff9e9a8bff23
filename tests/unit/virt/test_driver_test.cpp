// Against libvirt's own in-process driver: no daemon is needed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "virt/connection.hpp"
#include "virt/error.hpp"

namespace vmtool::virt {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Property;

constexpr const char* tiny =
    "<domain type='test'><name>tiny</name><memory "
    "unit='KiB'>65536</memory><vcpu>2</vcpu><os><type>hvm</type></os></domain>";

class TestDriver : public testing::Test {
 protected:
  Connection connection_ = Connection::open("test:///default");
};

TEST_F(TestDriver, ListsAndFindsDomains) {
  EXPECT_THAT(connection_.domains(), Contains(Property(&Domain::name, "test")));
  ASSERT_TRUE(connection_.find_domain("test").has_value());
  EXPECT_EQ(connection_.find_domain("test")->state(), DomainState::running);
  EXPECT_EQ(connection_.find_domain("test")->uuid().size(), 36U);
  EXPECT_FALSE(connection_.find_domain("no-such").has_value());
}

TEST_F(TestDriver, FollowsADomainThroughItsLife) {
  const Domain domain = connection_.define_domain(tiny);
  EXPECT_EQ(domain.name(), "tiny");
  EXPECT_TRUE(domain.is_persistent());
  EXPECT_EQ(domain.state(), DomainState::shutoff);
  domain.start();
  EXPECT_EQ(domain.state(), DomainState::running);
  domain.suspend();
  EXPECT_EQ(domain.state(), DomainState::paused);
  domain.resume();
  domain.set_autostart(true);
  EXPECT_TRUE(domain.autostart());
  domain.set_autostart(false);
  EXPECT_FALSE(domain.autostart());
  EXPECT_FALSE(domain.has_managed_save());
  EXPECT_THAT(domain.snapshots(), IsEmpty());
  EXPECT_THAT(domain.xml(Flavor::inactive), HasSubstr("<name>tiny</name>"));
  domain.destroy();
  EXPECT_EQ(domain.state(), DomainState::shutoff);
  domain.undefine();
  EXPECT_FALSE(connection_.find_domain("tiny").has_value());
}

TEST_F(TestDriver, ReadsTheStatsOfAllDomains) {
  connection_.define_domain(tiny);
  EXPECT_THAT(connection_.domain_stats(),
              Contains(AllOf(Field(&DomainStats::name, "tiny"), Field(&DomainStats::state, DomainState::shutoff),
                             Field(&DomainStats::uuid, testing::SizeIs(36)))));
}

TEST_F(TestDriver, GivesNoAddressesWhereTheyCantBeAsked) {
  const Domain domain = connection_.define_domain(tiny);
  for (const AddressSource source : {AddressSource::lease, AddressSource::agent, AddressSource::arp}) {
    EXPECT_THAT(domain.addresses(source), IsEmpty());
  }
}

TEST_F(TestDriver, FollowsANetworkThroughItsLife) {
  const Network network = connection_.define_network(
      "<network><name>lab</name><bridge name='vtbr7'/><ip address='10.213.1.1' netmask='255.255.255.0'>"
      "<dhcp><range start='10.213.1.100' end='10.213.1.199'/></dhcp></ip></network>",
      Connection::Validate::yes);
  EXPECT_EQ(network.bridge(), "vtbr7");
  EXPECT_TRUE(network.is_persistent());
  EXPECT_FALSE(network.is_active());
  network.start();
  EXPECT_TRUE(network.is_active());
  network.set_autostart(true);
  EXPECT_TRUE(network.autostart());
  network.update(Network::Section::dhcp_host, Network::Update::add,
                 "<host mac='52:54:00:00:00:07' name='printer' ip='10.213.1.7'/>");
  EXPECT_THAT(network.xml(Flavor::inactive), HasSubstr("52:54:00:00:00:07"));
  EXPECT_THAT(network.xml(Flavor::current), HasSubstr("52:54:00:00:00:07"));
  network.update(Network::Section::dhcp_host, Network::Update::remove,
                 "<host mac='52:54:00:00:00:07' name='printer' ip='10.213.1.7'/>");
  EXPECT_THAT(network.xml(Flavor::inactive), Not(HasSubstr("52:54:00:00:00:07")));
  EXPECT_THAT(network.leases(), IsEmpty());
  network.destroy();
  network.undefine();
  EXPECT_FALSE(connection_.find_network("lab").has_value());
}

TEST_F(TestDriver, FollowsAVolumeThroughItsLife) {
  const Pool pool = connection_.find_pool("default-pool").value();
  EXPECT_TRUE(pool.is_active());
  EXPECT_GT(pool.info().available_bytes, 0U);
  const Volume volume = pool.create_volume(
      "<volume><name>a.raw</name><capacity unit='bytes'>1048576</capacity></volume>", Pool::Metadata::sparse);
  EXPECT_THAT(volume.path(), HasSubstr("/a.raw"));
  EXPECT_THAT(pool.volumes(), Contains(Property(&Volume::name, "a.raw")));
  EXPECT_EQ(connection_.find_volume_by_path(volume.path())->name(), "a.raw");
  const Volume copy =
      pool.copy_volume("<volume><name>b.raw</name><capacity unit='bytes'>1048576</capacity></volume>", volume);
  EXPECT_THAT(copy.xml(), HasSubstr("<name>b.raw</name>"));
  volume.remove();
  EXPECT_FALSE(pool.find_volume("a.raw").has_value());
  EXPECT_FALSE(connection_.find_pool("no-such").has_value());
}

TEST_F(TestDriver, TakesTheErrorWhereItHappens) {
  try {
    connection_.define_domain("<domain/>");
    FAIL() << "an empty domain was accepted";
  } catch (const VirtError& error) {
    EXPECT_EQ(error.kind(), util::Errc::invalid_input);
    EXPECT_THAT(error.message(), HasSubstr("defining a domain: "));
    EXPECT_NE(error.code(), 0);
  }
}

TEST_F(TestDriver, ServesSeveralThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this] {
      for (int n = 0; n < 50; ++n) EXPECT_EQ(connection_.find_domain("test")->state(), DomainState::running);
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST_F(TestDriver, KeepsTheConnectionAsLongAsAnObjectLives) {
  auto other = std::make_unique<Connection>(Connection::open("test:///default"));
  const Domain domain = other->find_domain("test").value();
  other.reset();
  EXPECT_EQ(domain.state(), DomainState::running);
}

TEST(Uri, TellsLocalFromRemote) {
  const Connection local = Connection::open("test:///default");
  EXPECT_TRUE(local.is_local());
  EXPECT_FALSE(local.is_session());
  EXPECT_EQ(local.uri(), "test:///default");
}

TEST(DomainState, HasVirshsWords) {
  EXPECT_STREQ(to_text(DomainState::shutoff), "shut off");
  EXPECT_FALSE(is_active(DomainState::crashed));
  EXPECT_TRUE(is_active(DomainState::paused));
}

}  // namespace
}  // namespace vmtool::virt
