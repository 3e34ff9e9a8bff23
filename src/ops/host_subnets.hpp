#pragma once
// The subnets and links of this machine.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ops/observed.hpp"

namespace vmtool::ops {

/// The subnets of this machine's interfaces (getifaddrs(3)) and IPv4 routes (/proc/net/route), default routes left out.
std::vector<HostSubnet> host_subnets();

/// The routes in the text of /proc/net/route (proc(5)): hexadecimal, little endian.
std::vector<HostSubnet> parse_routes(std::string_view text);

/// The names of this machine's links.
std::set<std::string> host_interfaces();

}  // namespace vmtool::ops
