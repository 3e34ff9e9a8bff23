#pragma once
// The user network: pasta(1) carries what the container sends and gets through sockets of the user.

namespace vmtool::bundle {

/// The name server that the container asks there; pasta passes its queries on to the user's own.
constexpr const char* user_network_dns = "169.254.1.1";

}  // namespace vmtool::bundle
