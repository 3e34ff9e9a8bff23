#pragma once
// Where guests keep the configuration of their network.

#include <array>

namespace vmtool::identity {

inline constexpr std::array<const char*, 11> network_file_patterns{"/etc/netplan/*.yaml",
                                                                   "/etc/systemd/network/*.network",
                                                                   "/etc/systemd/network/*.network.d/*.conf",
                                                                   "/etc/systemd/network/*.link",
                                                                   "/etc/systemd/network/*.netdev",
                                                                   "/etc/network/interfaces",
                                                                   "/etc/network/interfaces.d/*",
                                                                   "/etc/sysconfig/network-scripts/ifcfg-*",
                                                                   "/etc/sysconfig/network/ifcfg-*",
                                                                   "/etc/NetworkManager/system-connections/*",
                                                                   "/etc/dhcpcd.conf"};

}  // namespace vmtool::identity
