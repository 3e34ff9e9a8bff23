#pragma once
// The network of a container: a loopback that is up, and veth pairs. Netlink messages are data (rtnetlink(7)): the
// launcher makes them, the child only sends them from its own namespace.

#include <string>
#include <vector>

#include "isolation/child.hpp"
#include "isolation/failure.hpp"
#include "isolation/spec.hpp"

namespace vmtool::isolation {

/// One netlink request with its header.
using NetlinkMessage = std::vector<unsigned char>;

/// Brings the loopback up.
struct RaiseLoopback {};
/// Sends requests from inside, one after the other.
struct ConfigureNetwork {
  std::vector<NetlinkMessage> messages{};
};
Outcome run(const RaiseLoopback& step, Child& child) noexcept;
Outcome run(const ConfigureNetwork& step, Child& child) noexcept;

/// The name of the host's end of a pair: what the spec says, or "vt" and ten digits derived from container and index.
std::string host_end_name(const Spec& spec, std::size_t index);

/// What the child sends: MTU and MAC, addresses, link up, routes. Interface number n has the index 2 + n inside.
std::vector<NetlinkMessage> inside_messages(const Spec& spec);

/// Makes the pairs from the host: one end in the network namespace of process `pid`, the other in its bridge, up.
/// On a failure nothing stays. Throws Error that names interface and bridge.
void connect_interfaces(const Spec& spec, int pid);

/// Removes the host's end of a pair, if it is there; the other goes with it. Throws SysError.
void remove_interface(const std::string& host_name);

}  // namespace vmtool::isolation
