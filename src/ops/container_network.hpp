#pragma once
// Addresses of containers in libvirt networks: static ones from outside of the DHCP ranges, and names in the network's DNS.
//
// What is given away is a file DIRECTORY/NETWORK/ADDRESS, which says to whom. DIRECTORY is of the run directory: after a boot nothing is taken,
// and libvirt has forgotten its live changes too. The lock is DIRECTORY/lock (flock).

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/network.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

/// One interface of a container that is about to start.
struct AddressWish {
  std::string container;
  std::string interface;
  std::string network;
  std::optional<model::IpAddress> address;  ///< absent: the first that is free
  std::optional<model::MacAddress> mac;     ///< absent: derived from host, container and interface
  std::optional<unsigned> mtu;              ///< bytes; absent: the network's
};

struct ContainerAddress {
  std::string container;
  std::string interface;
  std::string network;
  std::string bridge;
  model::MacAddress mac;
  model::IpPrefix address;
  std::optional<model::IpAddress> gateway;  ///< absent: the network leads nowhere
  std::optional<model::IpAddress> dns;      ///< the network's own server
  std::string domain;                       ///< of the network; may be empty
  std::optional<unsigned> mtu;              ///< bytes; absent: the kernel's 1500
  std::chrono::milliseconds closed{0};      ///< how long the bridge lets nothing of a new guest through
};

/// The address of an IPv4 subnet for one more container: the first that is no host's, no reservation's, in no DHCP range and for which `is_taken` is false; absent
/// where all are. `subnet` says which one it is in.
std::optional<model::IpPrefix> first_free_address(const model::Network& network,
                                                  const std::function<bool(const model::IpAddress&)>& is_taken);

class ContainerNetwork {
 public:
  ContainerNetwork(const virt::Connection& connection, std::filesystem::path directory)
      : connection_(connection), directory_(std::move(directory)) {}

  /// Gives each wish an address and puts the containers' names into the networks' DNS, live, all of them or none. What a container has
  /// already stays its own. `reserved` are addresses that other containers will want. An address inside of a DHCP range is reserved in DHCP too, which takes
  /// libvirt some 0.4 s.
  /// Throws Error{not_found} for a network that is missing, Error{unavailable} for one that is not running or has no addresses, Error{conflict}
  /// with the owner where an address is taken, and where none is free.
  std::vector<ContainerAddress> allot(const std::vector<AddressWish>& wishes,
                                      const std::vector<model::IpAddress>& reserved = {}) const;

  /// Takes back what these containers have; what is gone already is no error.
  void release(const std::vector<std::string>& containers) const;

 private:
  const virt::Connection& connection_;
  std::filesystem::path directory_;
};

/// /etc/hosts and /etc/resolv.conf of a container; the latter is empty where no network has a DNS server.
std::string hosts_file(const std::string& hostname, const std::vector<ContainerAddress>& addresses);
std::string resolver_file(const std::vector<ContainerAddress>& addresses);

}  // namespace vmtool::ops
