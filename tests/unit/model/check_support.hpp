#pragma once
// Findings as text, and one good object of each kind to spoil.

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/check.hpp"

namespace vmtool::model {

/// "path: message", one each.
inline std::vector<std::string> shown(const std::vector<Finding>& findings) {
  std::vector<std::string> out;
  for (const Finding& finding : findings) out.push_back(finding.path + ": " + finding.message);
  return out;
}

/// How a good object is spoiled, and everything that is then found.
template <class T>
struct Spoiled {
  std::function<void(T&)> spoil;
  std::vector<std::string> findings;
};

inline IpAddress ip(const char* text) { return parse_ip(text).value(); }
inline MacAddress mac(const char* text) { return parse_mac(text).value(); }
inline IpPrefix prefix(const char* text) { return parse_prefix(text).value(); }

inline VirtualMachine good_machine() {
  VirtualMachine machine;
  machine.name = "web";
  machine.disks.resize(2);
  machine.disks[0].name = "root";
  machine.disks[0].image = "debian";
  machine.disks[1].name = "data";
  machine.disks[1].capacity = util::Bytes{1 << 20};
  machine.interfaces.resize(2);
  machine.interfaces[0].name = "lan";
  machine.interfaces[0].network = "lab";
  machine.interfaces[1].name = "ext";
  machine.interfaces[1].bridge = "br0";
  return machine;
}

inline Network good_network() {
  Network network;
  network.name = "lab";
  NetworkAddress subnet;
  subnet.prefix = prefix("10.0.0.1/24");
  subnet.dhcp.emplace();
  subnet.dhcp->ranges = {{ip("10.0.0.100"), ip("10.0.0.199"), std::nullopt}};
  subnet.dhcp->hosts = {{"printer", mac("52:54:00:00:00:07"), ip("10.0.0.7")}};
  network.addresses = {subnet};
  return network;
}

}  // namespace vmtool::model
