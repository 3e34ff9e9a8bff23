#pragma once
// A machine's network interface (libvirt formatdomain.html, network interfaces).

#include <optional>
#include <string>

#include "model/address.hpp"
#include "model/enum_text.hpp"

namespace vmtool::model {

enum class InterfaceModel { virtio, e1000e, e1000, rtl8139 };
template <>
struct Words<InterfaceModel> {
  static constexpr WordTable<InterfaceModel, 4> table{{{InterfaceModel::virtio, "virtio"},
                                                       {InterfaceModel::e1000e, "e1000e"},
                                                       {InterfaceModel::e1000, "e1000"},
                                                       {InterfaceModel::rtl8139, "rtl8139"}}};
};

/// On a libvirt network, on a bridge of the host, or on neither: QEMU's user-mode network, which needs no privilege.
struct Interface {
  std::string name;
  std::optional<std::string> network;
  std::optional<std::string> bridge;
  InterfaceModel model = InterfaceModel::virtio;
  std::optional<MacAddress> mac;       ///< absent: automatic, derived from host, kind, machine and interface
  std::optional<IpAddress> address;    ///< on a network only: becomes a reservation and a DNS name
  std::optional<unsigned> boot_order;  ///< 1 is first
  std::optional<unsigned> mtu;         ///< bytes
  friend bool operator==(const Interface&, const Interface&) = default;
};

}  // namespace vmtool::model
