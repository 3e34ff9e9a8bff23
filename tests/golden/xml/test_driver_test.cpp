// libvirt's test driver, in this process, takes every planned document and gives the same model back.
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "tests/golden/xml/cases.hpp"
#include "util/handle.hpp"
#include "xml/domain.hpp"
#include "xml/network.hpp"
#include "xml/storage.hpp"

namespace vmtool::tests {
namespace {

using Connect = util::Handle<virConnect, virConnectClose>;
using Domain = util::Handle<virDomain, virDomainFree>;
using Network = util::Handle<virNetwork, virNetworkFree>;
using Pool = util::Handle<virStoragePool, virStoragePoolFree>;
using Volume = util::Handle<virStorageVol, virStorageVolFree>;

void say_nothing(void*, virErrorPtr) {}

std::string take(char* text) {
  const std::string out = text == nullptr ? "" : text;
  ::free(text);
  return out;
}

class TestDriver : public testing::Test {
 protected:
  TestDriver() {
    virSetErrorFunc(nullptr, say_nothing);
    connect_.reset(virConnectOpen("test:///default"));
  }
  void SetUp() override { ASSERT_TRUE(connect_) << virGetLastErrorMessage(); }
  Connect connect_;
};

TEST_F(TestDriver, TakesEveryMachine) {
  for (const auto& each : machine_cases()) {
    if (each.stage == Stage::rendered) continue;
    SCOPED_TRACE(each.name);
    const std::string xml = xml::write_domain(each.model);
    const Domain domain(virDomainDefineXMLFlags(connect_.get(), xml.c_str(), VIR_DOMAIN_DEFINE_VALIDATE));
    ASSERT_TRUE(domain) << virGetLastErrorMessage();
    const std::string back = take(virDomainGetXMLDesc(domain.get(), VIR_DOMAIN_XML_INACTIVE));
    EXPECT_EQ(xml::read_domain(back), as_read(each.model)) << back;
    EXPECT_EQ(virDomainUndefine(domain.get()), 0);
  }
}

TEST_F(TestDriver, TakesARenderedMachineAsItIs) {
  for (const auto& each : machine_cases()) {
    if (each.stage != Stage::rendered) continue;
    const Domain domain(
        virDomainDefineXMLFlags(connect_.get(), xml::write_domain(each.model).c_str(), VIR_DOMAIN_DEFINE_VALIDATE));
    ASSERT_TRUE(domain) << virGetLastErrorMessage();
    model::VirtualMachine back = xml::read_domain(take(virDomainGetXMLDesc(domain.get(), VIR_DOMAIN_XML_INACTIVE)));
    EXPECT_TRUE(back.uuid);
    EXPECT_TRUE(back.interfaces[0].mac);
    back.uuid = std::nullopt;
    back.interfaces[0].mac = std::nullopt;
    EXPECT_EQ(back, as_read(each.model));
  }
}

TEST_F(TestDriver, TakesEveryNetwork) {
  for (const auto& each : network_cases()) {
    if (each.stage == Stage::rendered) continue;
    SCOPED_TRACE(each.name);
    const std::string xml = xml::write_network(each.model);
    const Network network(virNetworkDefineXMLFlags(connect_.get(), xml.c_str(), VIR_NETWORK_DEFINE_VALIDATE));
    ASSERT_TRUE(network) << virGetLastErrorMessage();
    const std::string back = take(virNetworkGetXMLDesc(network.get(), 0));
    EXPECT_EQ(xml::read_network(back), as_read(each.model)) << back;
    EXPECT_EQ(virNetworkUndefine(network.get()), 0);
  }
}

TEST_F(TestDriver, TakesEveryPool) {
  for (const auto& each : pool_cases()) {
    SCOPED_TRACE(each.name);
    const std::string xml = xml::write_pool(each.model);
    const Pool pool(virStoragePoolDefineXML(connect_.get(), xml.c_str(), VIR_STORAGE_POOL_DEFINE_VALIDATE));
    ASSERT_TRUE(pool) << virGetLastErrorMessage();
    EXPECT_EQ(xml::read_pool(take(virStoragePoolGetXMLDesc(pool.get(), 0))), each.model);
  }
}

TEST_F(TestDriver, TakesEveryVolume) {
  const Pool pool(virStoragePoolLookupByName(connect_.get(), "default-pool"));
  ASSERT_TRUE(pool) << virGetLastErrorMessage();
  for (const auto& each : volume_cases()) {
    SCOPED_TRACE(each.name);
    const Volume volume(virStorageVolCreateXML(pool.get(), xml::write_volume(each.model).c_str(), 0));
    ASSERT_TRUE(volume) << virGetLastErrorMessage();
    const xml::VolumeFacts facts = xml::read_volume(take(virStorageVolGetXMLDesc(volume.get(), 0)));
    EXPECT_EQ(facts.name, each.model.name);
    EXPECT_EQ(facts.format, to_text(each.model.format));
    EXPECT_EQ(facts.capacity, each.model.capacity);
    EXPECT_EQ(facts.backing_path, each.model.backing ? each.model.backing->path : "");
    EXPECT_EQ(facts.lazy_refcounts, each.model.lazy_refcounts);
    EXPECT_EQ(facts.cluster_size, each.model.cluster_size);
    EXPECT_EQ(virStorageVolDelete(volume.get(), 0), 0);
  }
}

}  // namespace
}  // namespace vmtool::tests
