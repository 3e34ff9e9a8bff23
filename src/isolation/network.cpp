#include "isolation/network.hpp"

#include <fmt/format.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "isolation/netlink.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

namespace vmtool::isolation {
namespace {

using util::Errc;
using util::Error;
using util::Fd;

constexpr int first_index = 2;  // the loopback of a new namespace is 1

unsigned char family_of(const std::vector<unsigned char>& address) noexcept {
  return address.size() == 16 ? AF_INET6 : AF_INET;
}

ifinfomsg link_message(int index, unsigned flags) {
  ifinfomsg link{};
  link.ifi_family = AF_UNSPEC;
  link.ifi_index = index;
  link.ifi_flags = flags;
  link.ifi_change = flags;
  return link;
}

NetlinkMessage address_message(int index, const InterfaceAddress& address) {
  ifaddrmsg fixed{};
  fixed.ifa_family = family_of(address.bytes);
  fixed.ifa_prefixlen = address.prefix;
  // Duplicate address detection would keep an IPv6 address unusable for a second.
  fixed.ifa_flags = fixed.ifa_family == AF_INET6 ? IFA_F_NODAD : 0;
  fixed.ifa_index = static_cast<unsigned>(index);
  return NetlinkBuilder(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &fixed, sizeof fixed)
      .attribute(IFA_LOCAL, address.bytes.data(), address.bytes.size())
      .attribute(IFA_ADDRESS, address.bytes.data(), address.bytes.size())
      .take();
}

NetlinkMessage route_message(int index, const Route& route) {
  rtmsg fixed{};
  fixed.rtm_family = family_of(route.gateway.empty() ? route.destination.bytes : route.gateway);
  fixed.rtm_dst_len = route.destination.prefix;
  fixed.rtm_table = RT_TABLE_MAIN;
  fixed.rtm_protocol = RTPROT_BOOT;
  fixed.rtm_scope = route.gateway.empty() ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  fixed.rtm_type = RTN_UNICAST;
  NetlinkBuilder out(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &fixed, sizeof fixed);
  if (route.destination.prefix != 0)
    out.attribute(RTA_DST, route.destination.bytes.data(), route.destination.bytes.size());
  if (!route.gateway.empty()) out.attribute(RTA_GATEWAY, route.gateway.data(), route.gateway.size());
  return out.number(RTA_OIF, static_cast<std::uint32_t>(index)).take();
}

NetlinkMessage pair_message(const Interface& item, const std::string& host_name, int index, int pid) {
  const ifinfomsg host = link_message(0, 0);
  const ifinfomsg inside = link_message(index, 0);
  NetlinkBuilder out(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &host, sizeof host);
  out.text(IFLA_IFNAME, host_name);
  if (item.mtu != 0) out.number(IFLA_MTU, item.mtu);
  out.open(IFLA_LINKINFO)
      .text(IFLA_INFO_KIND, "veth")
      .open(IFLA_INFO_DATA)
      .open(VETH_INFO_PEER)
      .raw(&inside, sizeof inside);
  out.text(IFLA_IFNAME, item.name).number(IFLA_NET_NS_PID, static_cast<std::uint32_t>(pid));
  if (!item.mac.empty()) out.attribute(IFLA_ADDRESS, item.mac.data(), item.mac.size());
  if (item.mtu != 0) out.number(IFLA_MTU, item.mtu);
  return out.close().close().close().take();
}

void connect_one(int socket, const Interface& item, const std::string& host_name, int index, int pid) {
  unsigned bridge = 0;
  if (!item.bridge.empty()) {
    bridge = ::if_nametoindex(item.bridge.c_str());
    if (bridge == 0) {
      throw Error(Errc::not_found, fmt::format("interface '{}': there is no bridge '{}'", item.name, item.bridge))
          .hint("start the network that makes it");
    }
  }
  if (const auto made = send_netlink(socket, pair_message(item, host_name, index, pid)); !made) {
    throw util::SysError(made.error,
                         fmt::format("can't make interface '{}' and its host end '{}'", item.name, host_name));
  }
  const ifinfomsg up = link_message(static_cast<int>(::if_nametoindex(host_name.c_str())), IFF_UP);
  NetlinkBuilder raise(RTM_NEWLINK, 0, &up, sizeof up);
  if (bridge != 0) raise.number(IFLA_MASTER, bridge);
  if (const auto raised = send_netlink(socket, raise.take()); !raised) {
    throw util::SysError(raised.error, fmt::format("can't put '{}' into bridge '{}'", host_name, item.bridge));
  }
}

}  // namespace

Outcome run(const RaiseLoopback&, Child&) noexcept {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return Outcome::last_error();
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", 3);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return ::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0 ? Outcome{} : Outcome::last_error();
}

Outcome run(const ConfigureNetwork& step, Child&) noexcept {
  const Fd socket(open_netlink());
  if (!socket) return Outcome::last_error();
  for (const NetlinkMessage& message : step.messages) {
    if (auto done = send_netlink(socket.get(), message); !done) return done;
  }
  return {};
}

std::string host_end_name(const Spec& spec, std::size_t index) {
  const Interface& item = spec.interfaces[index];
  if (!item.host_name.empty()) return item.host_name;
  return "vt" + util::sha256_hex(fmt::format("{} {}", spec.id, index)).substr(0, 10);
}

std::vector<NetlinkMessage> inside_messages(const Spec& spec) {
  std::vector<NetlinkMessage> out;
  int index = first_index;
  for (const Interface& item : spec.interfaces) {
    for (const InterfaceAddress& address : item.addresses) out.push_back(address_message(index, address));
    const ifinfomsg up = link_message(index, IFF_UP);
    out.push_back(NetlinkBuilder(RTM_NEWLINK, 0, &up, sizeof up).take());
    for (const Route& route : item.routes) out.push_back(route_message(index, route));
    ++index;
  }
  return out;
}

void connect_interfaces(const Spec& spec, int pid) {
  const Fd socket(open_netlink());
  if (!socket) throw util::SysError(errno, "can't open a netlink socket");
  std::size_t done = 0;
  try {
    for (; done < spec.interfaces.size(); ++done) {
      connect_one(socket.get(), spec.interfaces[done], host_end_name(spec, done), first_index + static_cast<int>(done),
                  pid);
    }
  } catch (const Error&) {
    for (std::size_t index = 0; index <= done && index < spec.interfaces.size(); ++index) {
      const unsigned made = ::if_nametoindex(host_end_name(spec, index).c_str());
      if (made == 0) continue;
      const ifinfomsg link = link_message(static_cast<int>(made), 0);
      static_cast<void>(send_netlink(socket.get(), NetlinkBuilder(RTM_DELLINK, 0, &link, sizeof link).take()));
    }
    throw;
  }
}

void remove_interface(const std::string& host_name) {
  const unsigned index = ::if_nametoindex(host_name.c_str());
  if (index == 0) return;
  const Fd socket(open_netlink());
  if (!socket) throw util::SysError(errno, "can't open a netlink socket");
  const ifinfomsg link = link_message(static_cast<int>(index), 0);
  const auto removed = send_netlink(socket.get(), NetlinkBuilder(RTM_DELLINK, 0, &link, sizeof link).take());
  if (!removed && removed.error != ENODEV)
    throw util::SysError(removed.error, fmt::format("can't remove interface '{}'", host_name));
}

}  // namespace vmtool::isolation
