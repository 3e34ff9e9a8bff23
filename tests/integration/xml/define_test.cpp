// What libvirt itself makes of our documents, and what we make of that.
#include <gmock/gmock.h>

#include "tests/golden/xml/cases.hpp"
#include "tests/integration/xml/daemon.hpp"
#include "xml/domain.hpp"
#include "xml/host.hpp"
#include "xml/merge.hpp"
#include "xml/network.hpp"

namespace vmtool::tests {
namespace {

// KVM may be absent here: a document is about the same things under either type.
bool is_for_kvm(const model::VirtualMachine& machine) { return machine.domain_type != model::DomainType::qemu; }

class DefinedMachine : public Daemon {
 protected:
  bool can_define(const Case<model::VirtualMachine>& each, bool has_kvm) {
    return each.stage == Stage::planned && (has_kvm || !is_for_kvm(each.model));
  }
  bool has_kvm() {
    const auto types = xml::read_capabilities(take(virConnectGetCapabilities(connect_.get()))).domain_types;
    return std::find(types.begin(), types.end(), model::DomainType::kvm) != types.end();
  }
};

TEST_F(DefinedMachine, IsReadBackAsWritten) {
  const bool kvm = has_kvm();
  for (const auto& each : machine_cases()) {
    if (!can_define(each, kvm)) continue;
    SCOPED_TRACE(each.name);
    const std::string there = defined(xml::write_domain(each.model));
    undefine(each.model.name);
    ASSERT_FALSE(there.empty());
    EXPECT_EQ(xml::read_domain(there), as_read(each.model)) << there;
  }
}

TEST_F(DefinedMachine, IsUnchangedByAMergeOfTheSame) {
  const bool kvm = has_kvm();
  for (const auto& each : machine_cases()) {
    if (!can_define(each, kvm)) continue;
    SCOPED_TRACE(each.name);
    const std::string wanted = xml::write_domain(each.model);
    const std::string there = defined(wanted);
    const std::string base = xml::rewrite_domain(there);
    EXPECT_TRUE(xml::is_same(base, wanted)) << base << wanted;
    EXPECT_TRUE(xml::is_same(xml::merge(there, base, wanted), there)) << there;
    undefine(each.model.name);
  }
}

// Every case changed into every other, as if the manifest had been rewritten: libvirt takes the merged definition and
// what is read from it is the machine that was wanted.
TEST_F(DefinedMachine, CanBecomeAnyOther) {
  const auto cases = machine_cases();
  const bool kvm = has_kvm();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto& before = cases[i];
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{19}}) {
      const auto& after = cases[(i + step) % cases.size()];
      if (!can_define(before, kvm) || !can_define(after, kvm)) continue;
      SCOPED_TRACE(before.name + " → " + after.name);
      const std::string there = defined(xml::write_domain(before.model));
      model::VirtualMachine wanted = after.model;
      wanted.name = before.model.name;
      wanted.uuid = before.model.uuid;
      const std::string merged = xml::merge(there, xml::rewrite_domain(there), xml::write_domain(wanted));
      const std::string changed = defined(merged);
      EXPECT_EQ(xml::read_domain(changed), as_read(wanted)) << merged;
      undefine(before.model.name);
    }
  }
}

class DefinedNetwork : public Daemon {};

TEST_F(DefinedNetwork, IsReadBackAsWrittenAndUnchangedByAMerge) {
  for (const auto& each : network_cases()) {
    if (each.stage == Stage::rendered) continue;
    SCOPED_TRACE(each.name);
    const std::string wanted = xml::write_network(each.model);
    const Network network(virNetworkDefineXMLFlags(connect_.get(), wanted.c_str(), VIR_NETWORK_DEFINE_VALIDATE));
    ASSERT_TRUE(network) << virGetLastErrorMessage();
    const std::string there = take(virNetworkGetXMLDesc(network.get(), VIR_NETWORK_XML_INACTIVE));
    EXPECT_EQ(virNetworkUndefine(network.get()), 0);
    EXPECT_EQ(xml::read_network(there), as_read(each.model)) << there;
    EXPECT_TRUE(xml::is_same(xml::rewrite_network(there), wanted)) << there;
    EXPECT_TRUE(xml::is_same(xml::merge(there, xml::rewrite_network(there), wanted), there)) << there;
  }
}

TEST_F(DefinedNetwork, CanBecomeAnyOther) {
  const auto cases = network_cases();
  for (const auto& before : cases) {
    for (const auto& after : cases) {
      if (before.stage == Stage::rendered || after.stage == Stage::rendered) continue;
      SCOPED_TRACE(before.name + " → " + after.name);
      const Network network(virNetworkDefineXML(connect_.get(), xml::write_network(before.model).c_str()));
      ASSERT_TRUE(network) << virGetLastErrorMessage();
      const std::string there = take(virNetworkGetXMLDesc(network.get(), VIR_NETWORK_XML_INACTIVE));
      model::Network wanted = after.model;
      wanted.name = before.model.name;
      wanted.uuid = before.model.uuid;
      const std::string merged = xml::merge(there, xml::rewrite_network(there), xml::write_network(wanted));
      const Network changed(virNetworkDefineXMLFlags(connect_.get(), merged.c_str(), VIR_NETWORK_DEFINE_VALIDATE));
      EXPECT_TRUE(changed) << virGetLastErrorMessage() << merged;
      if (changed) {
        EXPECT_EQ(xml::read_network(take(virNetworkGetXMLDesc(changed.get(), VIR_NETWORK_XML_INACTIVE))),
                  as_read(wanted))
            << merged;
      }
      EXPECT_EQ(virNetworkUndefine(network.get()), 0);
    }
  }
}

}  // namespace
}  // namespace vmtool::tests
