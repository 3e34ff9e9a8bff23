#pragma once
// Fixed addresses in a guest's own network configuration.

#include <string>
#include <string_view>
#include <vector>

namespace vmtool::identity {

/// The fixed addresses ("192.168.1.5/24", "fd00::5") that a file of this path sets, in order; loopback and
/// link-local ones are left out. Reads netplan, systemd.network, interfaces(5), ifcfg, NetworkManager keyfiles and dhcpcd.conf(5).
std::vector<std::string> static_addresses(std::string_view path, std::string_view content);

/// Replaces the address (with the prefix length where both have one) wherever it stands as a word.
std::string replace_address(std::string_view content, const std::string& old_address, const std::string& new_address);

/// Whether it is an IPv4 or IPv6 address, with or without "/prefix".
bool is_address(const std::string& text);

}  // namespace vmtool::identity
