#pragma once
// A virtual network (libvirt formatnetwork.html).

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "model/address.hpp"
#include "model/enum_text.hpp"
#include "model/xml_edit.hpp"
#include "util/uuid.hpp"

namespace vmtool::model {

/// How a network reaches the outside: libvirt's forward modes; `isolated` is a network without <forward>.
enum class ForwardMode { nat, route, open, bridge, isolated };
template <>
struct Words<ForwardMode> {
  static constexpr WordTable<ForwardMode, 5> table{{{ForwardMode::nat, "nat"},
                                                    {ForwardMode::route, "route"},
                                                    {ForwardMode::open, "open"},
                                                    {ForwardMode::bridge, "bridge"},
                                                    {ForwardMode::isolated, "isolated"}}};
};

struct Forward {
  ForwardMode mode = ForwardMode::nat;
  std::string device;  ///< the host interface that traffic leaves by; empty: any
  friend bool operator==(const Forward&, const Forward&) = default;
};

struct Bridge {
  std::string name;                    ///< empty: automatic, the first free virbrN
  bool stp = false;                    ///< spanning tree: keeps each new port closed for twice the delay
  std::chrono::milliseconds delay{0};  ///< forward delay; libvirt takes whole seconds
  friend bool operator==(const Bridge&, const Bridge&) = default;
};

struct NetworkDomain {
  std::string name;         ///< empty: none
  bool local_only = false;  ///< its queries are never forwarded
  friend bool operator==(const NetworkDomain&, const NetworkDomain&) = default;
};

struct DhcpRange {
  IpAddress start;
  IpAddress end;
  std::optional<std::chrono::milliseconds>
      lease_time;  ///< absent: libvirt's default of an hour; whole seconds, ≥ 2 min
  friend bool operator==(const DhcpRange&, const DhcpRange&) = default;
};

/// A reservation: this machine always gets this address.
struct DhcpHost {
  std::string name;  ///< may be empty
  std::optional<MacAddress> mac;
  IpAddress address;
  friend bool operator==(const DhcpHost&, const DhcpHost&) = default;
};

struct Dhcp {
  std::vector<DhcpRange> ranges;
  std::vector<DhcpHost> hosts;
  friend bool operator==(const Dhcp&, const Dhcp&) = default;
};

struct NetworkAddress {
  std::optional<IpPrefix>
      prefix;  ///< the host's own address on the bridge; absent: automatic, the first free private /24
  std::optional<Dhcp> dhcp;
  friend bool operator==(const NetworkAddress&, const NetworkAddress&) = default;
};

struct DnsForwarder {
  IpAddress address;
  std::string domain;  ///< only for names below it; empty: all
  friend bool operator==(const DnsForwarder&, const DnsForwarder&) = default;
};

struct DnsHost {
  IpAddress address;
  std::vector<std::string> hostnames;
  friend bool operator==(const DnsHost&, const DnsHost&) = default;
};

struct Dns {
  std::vector<DnsForwarder> forwarders;
  std::vector<DnsHost> hosts;
  friend bool operator==(const Dns&, const Dns&) = default;
};

struct Network {
  std::string name;
  std::optional<util::Uuid> uuid;  ///< not a manifest key: derived, or the existing network's own
  Forward forward;
  Bridge bridge;
  std::optional<MacAddress> mac;  ///< of the bridge; not a manifest key: derived, or the existing network's own
  NetworkDomain domain;
  std::optional<unsigned> mtu;  ///< bytes, 68 … 65535
  std::vector<NetworkAddress> addresses;
  Dns dns;
  bool autostart = false;
  std::vector<XmlEdit> xml;
  friend bool operator==(const Network&, const Network&) = default;
};

}  // namespace vmtool::model
