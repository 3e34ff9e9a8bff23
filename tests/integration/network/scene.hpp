#pragma once
// A libvirt network of the test's own, with DHCP for its upper half.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "ops/container_network.hpp"
#include "tests/support/require.hpp"
#include "tests/support/temp_dir.hpp"
#include "util/command.hpp"
#include "util/error.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

class NetworkScene : public ::testing::Test {
 protected:
  static constexpr const char* network = "vmtool-cnet-test";
  static constexpr const char* bridge = "vtcnet0";

  void SetUp() override {
    VMTOOL_NEEDS("root");
    VMTOOL_NEEDS("libvirt");
    connection_.emplace(virt::Connection::open("qemu:///system"));
    remove_network();
    connection()
        .define_network(
            R"(<network><name>vmtool-cnet-test</name><forward mode='nat'/><bridge name='vtcnet0' stp='on' delay='0'/><domain name='cnet.test' localOnly='yes'/>
      <ip address='10.214.7.1' netmask='255.255.255.0'><dhcp><range start='10.214.7.100' end='10.214.7.199'/><host mac='52:54:00:14:07:03' name='printer' ip='10.214.7.3'/></dhcp></ip></network>)")
        .start();
    addresses_.emplace(connection(), directory_.path() / "addresses");
  }
  void TearDown() override {
    if (connection_) remove_network();
  }

  const virt::Connection& connection() const { return *connection_; }
  const ContainerNetwork& addresses() const { return *addresses_; }
  std::filesystem::path directory() const { return directory_.path(); }
  std::string live_xml() const { return connection().find_network(network)->xml(virt::Flavor::current); }
  static AddressWish wish(const std::string& container, const std::string& address = "") {
    return {container, "eth0", network, address.empty() ? std::nullopt : model::parse_ip(address), {}, {}};
  }
  static std::string error_of(const std::function<void()>& f) {
    try {
      f();
    } catch (const util::Error& error) {
      return std::string(util::to_text(error.kind())) + ": " + error.message();
    }
    return "none";
  }
  /// What the network's own DNS server says.
  static std::string resolved(const std::string& name) {
    return util::run({.args = {"busybox", "nslookup", name, "10.214.7.1"}}).out;
  }

 private:
  void remove_network() const {
    const auto old = connection().find_network(network);
    if (!old) return;
    if (old->is_active()) old->destroy();
    old->undefine();
  }

  tests::TempDir directory_;
  std::optional<virt::Connection> connection_;
  std::optional<ContainerNetwork> addresses_;
};

}  // namespace vmtool::ops
