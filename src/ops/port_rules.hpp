#pragma once
// Ports of the host that lead to containers: nftables rules in a table of our own, `ip vmtool`, apart from libvirt's and everybody else's.
//
//   chain guard        nobody reaches the host's loopback addresses over a bridge with published ports
//   chain prerouting   what comes from outside
//   chain output       what the host itself sends, also to 127.0.0.1
//   chain postrouting  what went to 127.0.0.1 gets an address that the container can answer
//
// Each rule has the comment "CONTAINER PROTOCOL HOST-ADDRESS:HOST-PORT", by which it is found again. The host's programs reach the container by these rules.
// Where a network's own firewall refuses what comes from outside (libvirt's forward mode `nat` does), it has to be opened there.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/container.hpp"

namespace vmtool::ops {

/// A rule of the table, by its comment.
struct PortRule {
  std::string chain;
  unsigned handle = 0;
  std::string container;
  std::string protocol;
  std::string host_address;  ///< "*" for every one
  unsigned host_port = 0;
};

/// What `nft` is given on standard input to publish the ports of a container on a bridge.
std::string publish_script(const std::string& container, const std::string& bridge, const model::IpAddress& address,
                           const std::vector<model::PublishedPort>& ports);

/// The rules in what `nft --handle list table ip vmtool` prints.
std::vector<PortRule> parse_port_rules(std::string_view listing);

/// Makes the rules in one step, under the lock of `lock_file` (flock; made where it is missing). Throws Error{conflict} with the owner where a port is another container's or a program listens on it, Error{unavailable}
/// where nft is missing, Error{denied} without root.
void publish_ports(const std::filesystem::path& lock_file, const std::string& container, const std::string& bridge,
                   const model::IpAddress& address, const std::vector<model::PublishedPort>& ports);

/// Removes the rules of these containers, and the table with the last rule. What is gone already is no error.
void unpublish_ports(const std::filesystem::path& lock_file, const std::vector<std::string>& containers);

}  // namespace vmtool::ops
