#pragma once
// What the checks of several kinds share.

#include <string>
#include <string_view>
#include <vector>

#include "model/address.hpp"
#include "model/check.hpp"

namespace vmtool::model {

/// Collects the broken rules of one object.
class Findings {
 public:
  void add(std::string path, std::string message, std::string hint = {}) {
    found_.push_back({std::move(path), std::move(message), std::move(hint)});
  }
  void check_name(std::string path, std::string_view name);
  /// A text without control characters and line ends; may be empty.
  void check_line(std::string path, std::string_view text);
  /// The name of an object that may have been made by another tool: one line, no '/', at most 255 bytes.
  void check_reference(std::string path, std::string_view name);
  void check_absolute_path(std::string path, std::string_view file);
  /// A path inside a container: absolute, without "..".
  void check_inside_path(std::string path, std::string_view file);
  /// The name of a host's network device: at most 15 characters (IFNAMSIZ - 1, linux/if.h).
  void check_device(std::string path, std::string_view name);
  /// A DNS name (RFC 1123, 2.1), at most 253 characters.
  void check_dns_name(std::string path, std::string_view name);
  void check_mtu(std::string path, unsigned bytes);
  void check_mac(std::string path, const MacAddress& mac);
  /// A size of a disk: whole sectors, from one to 1 EiB.
  void check_capacity(std::string path, util::Bytes size);
  void check_edits(const std::vector<XmlEdit>& edits);
  std::vector<Finding> take() { return std::move(found_); }

 private:
  std::vector<Finding> found_;
};

/// "disks" and 2 → "disks[2]".
std::string at(std::string_view list, std::size_t index);

/// Whether a machine can have the address: not multicast, loopback, unspecified or the limited broadcast.
bool is_host_address(const IpAddress& address);

// Parts of check(VirtualMachine).
void check_disks(const VirtualMachine& machine, Findings& findings);
void check_interfaces(const VirtualMachine& machine, Findings& findings);
void check_cloud_init(const CloudInit& cloud_init, Findings& findings);
// Parts of check(Container).
void check_mounts(const Container& container, Findings& findings);
void check_network(const Container& container, Findings& findings);
void check_resources(const ContainerResources& resources, Findings& findings);
// Parts of check(Network).
void check_subnets(const Network& network, Findings& findings);
void check_dhcp(const NetworkAddress& subnet, const std::string& path, Findings& findings);

}  // namespace vmtool::model
