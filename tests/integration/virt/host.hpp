#pragma once
// What the tests of this folder share: a connection, and objects named vt-virt-… that are removed before and after.

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "tests/support/require.hpp"
#include "virt/connection.hpp"
#include "virt/error.hpp"

namespace vmtool::virt::tests {

/// A domain without disks under emulation.
inline std::string tiny_domain(const std::string& name, const std::string& devices = "") {
  return "<domain type='qemu'><name>" + name +
         "</name><memory unit='MiB'>32</memory><vcpu>1</vcpu><os><type arch='x86_64' "
         "machine='q35'>hvm</type></os><devices>" +
         "<serial type='pty'/><console type='pty'/>" + devices + "</devices></domain>";
}

/// A NAT network on 10.213.`third`.0/24.
inline std::string small_network(const std::string& name, const std::string& bridge, int third) {
  const std::string prefix = "10.213." + std::to_string(third) + ".";
  return "<network><name>" + name + "</name><forward mode='nat'/><bridge name='" + bridge + "'/><ip address='" +
         prefix + "1' netmask='255.255.255.0'><dhcp><range start='" + prefix + "100' end='" + prefix +
         "199'/></dhcp></ip></network>";
}

inline std::string dir_pool(const std::string& name, const std::string& path) {
  return "<pool type='dir'><name>" + name + "</name><target><path>" + path + "</path></target></pool>";
}

inline std::string volume(const std::string& name, const std::string& format, std::uint64_t capacity,
                          std::uint64_t allocation = 0) {
  return "<volume><name>" + name + "</name><capacity unit='bytes'>" + std::to_string(capacity) +
         "</capacity><allocation unit='bytes'>" + std::to_string(allocation) + "</allocation><target><format type='" +
         format + "'/></target></volume>";
}

class Host : public testing::Test {
 protected:
  void SetUp() override {
    VMTOOL_NEEDS("libvirt");
    connection_ = Connection::open("qemu:///system");
    remove_leftovers();
  }
  void TearDown() override {
    if (connection_) remove_leftovers();
  }
  const Connection& host() const { return *connection_; }

  /// The error that `f` throws; an Error{internal} where it throws none.
  template <class F>
  static util::Error error_of(const F& f) {
    try {
      f();
    } catch (const util::Error& error) {
      return error;
    }
    return {util::Errc::internal, "nothing was thrown"};
  }

 private:
  static bool is_ours(const std::string& name) { return name.starts_with("vt-virt-"); }
  void remove_leftovers() const {
    for (const Domain& domain : host().domains()) {
      if (!is_ours(domain.name())) continue;
      if (is_active(domain.state())) domain.destroy();
      domain.undefine();
    }
    for (const Network& network : host().networks()) {
      if (!is_ours(network.name())) continue;
      if (network.is_active()) network.destroy();
      network.undefine();
    }
    for (const Pool& pool : host().pools()) {
      if (!is_ours(pool.name())) continue;
      if (pool.is_active()) pool.destroy();
      pool.undefine();
    }
  }

  std::optional<Connection> connection_;
};

}  // namespace vmtool::virt::tests
