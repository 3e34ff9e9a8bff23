#pragma once
// Containers and their networks: an address and a name while they run, ports of the host that lead to them.

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ops/container_home.hpp"
#include "ops/container_network.hpp"
#include "util/reporter.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

/// For all containers of one command; safe for use by several threads. Containers without interfaces never open a connection.
class ContainerWiring {
 public:
  /// Opens libvirt, or throws.
  using Connect = std::function<const virt::Connection&()>;

  ContainerWiring(const ContainerHome& home, Connect connect, util::Reporter& reporter)
      : home_(home), connect_(std::move(connect)), reporter_(reporter) {}

  /// Before a start: starts the networks, allots addresses and names, writes the container's veth pairs into its config.json and `hosts` and
  /// `resolv.conf` into its run directory, and publishes its ports; all of it or nothing. Throws as start_network(), ContainerNetwork::allot() and
  /// publish_ports(), Error{unavailable} where libvirt's host is not this one. On the user network only the two files are written.
  void plug(const model::Container& container);

  /// After its end: takes back what plug() gave. What is gone already is no error; where libvirt is away, the name in its DNS is left to a
  /// later plug() or unplug(), with a warning.
  void unplug(const std::string& name);

  /// The containers that were given something.
  std::vector<std::string> plugged() const;

 private:
  const virt::Connection& connection();
  const std::vector<model::IpAddress>& wanted_addresses();
  std::vector<ContainerAddress> allot(const model::Container& container);

  const ContainerHome& home_;
  Connect connect_;
  util::Reporter& reporter_;
  std::mutex mutex_;
  std::mutex starting_;  ///< one network is started once
  const virt::Connection* connection_ = nullptr;
  std::optional<std::vector<model::IpAddress>> wanted_;  ///< addresses that definitions name
};

}  // namespace vmtool::ops
