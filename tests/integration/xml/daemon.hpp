#pragma once
// The real daemon, for documents that are defined, read and removed again.

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "tests/support/require.hpp"
#include "util/handle.hpp"

namespace vmtool::tests {

using Connect = util::Handle<virConnect, virConnectClose>;
using Domain = util::Handle<virDomain, virDomainFree>;
using Network = util::Handle<virNetwork, virNetworkFree>;

inline void say_nothing(void*, virErrorPtr) {}

inline std::string take(char* text) {
  const std::string out = text == nullptr ? "" : text;
  ::free(text);
  return out;
}

class Daemon : public testing::Test {
 protected:
  void SetUp() override {
    VMTOOL_NEEDS("libvirt");
    virSetErrorFunc(nullptr, say_nothing);
    connect_.reset(virConnectOpen("qemu:///system"));
    ASSERT_TRUE(connect_) << virGetLastErrorMessage();
  }

  /// Defines the machine, and gives what libvirt made of it; empty, with a failure, where it is refused.
  std::string defined(const std::string& xml) {
    const Domain domain(virDomainDefineXMLFlags(connect_.get(), xml.c_str(), VIR_DOMAIN_DEFINE_VALIDATE));
    EXPECT_TRUE(domain) << virGetLastErrorMessage();
    return domain ? take(virDomainGetXMLDesc(domain.get(), VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE)) : "";
  }
  void undefine(const std::string& name) {
    const Domain domain(virDomainLookupByName(connect_.get(), name.c_str()));
    ASSERT_TRUE(domain) << virGetLastErrorMessage();
    EXPECT_EQ(virDomainUndefineFlags(domain.get(), VIR_DOMAIN_UNDEFINE_NVRAM), 0) << virGetLastErrorMessage();
  }

  Connect connect_;
};

}  // namespace vmtool::tests
