#include "ops/host_subnets.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <sstream>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/file.hpp"
#include "util/handle.hpp"

namespace vmtool::ops {
namespace {

model::IpAddress address_of(const sockaddr& raw) {
  model::IpAddress address;
  if (raw.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &raw, sizeof v6);
    address.v6 = true;
    std::copy_n(v6.sin6_addr.s6_addr, address.bytes.size(), address.bytes.begin());
    return address;
  }
  sockaddr_in v4{};
  std::memcpy(&v4, &raw, sizeof v4);
  return model::ipv4(ntohl(v4.sin_addr.s_addr));
}

unsigned prefix_length(const model::IpAddress& netmask) {
  unsigned bits = 0;
  for (const unsigned char byte : netmask.bytes) bits += static_cast<unsigned>(std::popcount(byte));
  return bits;
}

}  // namespace

std::vector<HostSubnet> parse_routes(std::string_view text) {
  std::vector<HostSubnet> routes;
  std::istringstream lines{std::string(text)};
  std::string line;
  std::getline(lines, line);  // the heading
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string name;
    std::string skipped;
    std::uint32_t destination = 0;
    std::uint32_t mask = 0;
    words >> name >> std::hex >> destination >> skipped >> skipped >> skipped >> skipped >> skipped >> mask;
    if (!words || mask == 0) continue;
    const model::IpPrefix prefix{model::ipv4(ntohl(destination)), static_cast<unsigned>(std::popcount(mask))};
    routes.push_back({prefix, fmt::format("the route through '{}'", name), name});
  }
  return routes;
}

std::vector<HostSubnet> host_subnets() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) throw util::SysError(errno, "listing the host's interfaces");
  const util::Handle<ifaddrs, ::freeifaddrs> owner(list);
  std::vector<HostSubnet> subnets;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_netmask == nullptr || (entry->ifa_flags & IFF_LOOPBACK) != 0) continue;
    const auto family = entry->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    const model::IpPrefix prefix{address_of(*entry->ifa_addr), prefix_length(address_of(*entry->ifa_netmask))};
    const bool link_local = family == AF_INET6 && prefix.address.bytes[0] == 0xfe && prefix.address.bytes[1] == 0x80;
    if (!link_local) subnets.push_back({prefix, fmt::format("interface '{}'", entry->ifa_name), entry->ifa_name});
  }
  // An interface's own subnet is also a route: name the interface first.
  try {
    for (HostSubnet& route :
         parse_routes(util::read_all(util::open_file("/proc/net/route", 0).get(), std::size_t{4} << 20))) {
      subnets.push_back(std::move(route));
    }
  } catch (const util::Error&) {
    // Without /proc the interfaces still tell most of it.
  }
  return subnets;
}

std::set<std::string> host_interfaces() {
  std::set<std::string> names;
  const util::Handle<struct if_nameindex, ::if_freenameindex> list(::if_nameindex());
  if (!list) throw util::SysError(errno, "listing the host's interfaces");
  for (const struct if_nameindex* entry = list.get(); entry->if_index != 0; ++entry) names.emplace(entry->if_name);
  return names;
}

}  // namespace vmtool::ops
