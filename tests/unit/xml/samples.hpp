#pragma once
// Machines and networks that the tests of this folder share.

#include "model/machine.hpp"
#include "model/network.hpp"
#include "model/targets.hpp"

namespace vmtool::tests {

inline model::Disk disk(const std::string& name, const std::string& path) {
  model::Disk out;
  out.name = name;
  out.path = path;
  out.capacity = util::operator""_GiB(1);
  return out;
}

inline model::Interface network_interface(const std::string& name, const std::string& mac) {
  model::Interface out;
  out.name = name;
  out.network = "default";
  out.mac = model::parse_mac(mac);
  return out;
}

/// A planned machine with one disk and one interface.
inline model::VirtualMachine machine() {
  model::VirtualMachine out;
  out.name = "web";
  out.uuid = util::parse_uuid("6d1a2f6e-0f0b-4a86-9d2c-0123456789ab");
  out.domain_type = model::DomainType::qemu;
  out.disks = {disk("root", "/var/lib/libvirt/images/web-root.qcow2")};
  out.interfaces = {network_interface("lan", "52:54:00:00:00:01")};
  out.console.log_path = "/var/log/libvirt/qemu/web-console.log";
  model::assign_targets(out);
  return out;
}

/// A NAT network with DHCP.
inline model::Network network() {
  model::Network out;
  out.name = "lab";
  out.uuid = util::parse_uuid("6d1a2f6e-0f0b-4a86-9d2c-0123456789ff");
  out.bridge.name = "virbr10";
  out.mac = model::parse_mac("52:54:00:aa:00:01");
  model::NetworkAddress address;
  address.prefix = model::parse_prefix("192.168.140.1/24");
  address.dhcp = model::Dhcp{};
  address.dhcp->ranges = {{*model::parse_ip("192.168.140.100"), *model::parse_ip("192.168.140.199"), {}}};
  out.addresses = {address};
  return out;
}

}  // namespace vmtool::tests
