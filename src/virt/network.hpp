#pragma once
// A libvirt network.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "virt/domain.hpp"

struct _virNetwork;

namespace vmtool::virt {

/// A DHCP lease of a network's dnsmasq.
struct Lease {
  std::string mac;  ///< lower case
  std::string address;
  unsigned prefix = 0;
  std::string hostname;      ///< may be empty
  std::int64_t expires = 0;  ///< seconds since the epoch
};

class Network {
 public:
  Network(std::shared_ptr<const Session> session, std::shared_ptr<_virNetwork> handle);

  const std::string& name() const noexcept { return name_; }
  bool is_active() const;
  bool is_persistent() const;
  std::string bridge() const;  ///< empty: none
  std::string xml(Flavor flavor) const;
  bool autostart() const;
  void set_autostart(bool on) const;
  void start() const;
  /// Stops it; guests stay plugged into nothing.
  void destroy() const;
  void undefine() const;
  std::vector<Lease> leases() const;

  /// virNetworkUpdate: adds or deletes one element of a section, live (where active) and in the definition, or live alone.
  enum class Section { dhcp_host, dns_host };
  enum class Update { add, modify, remove };
  enum class Scope { everywhere, live };
  void update(Section section, Update what, const std::string& xml, Scope scope = Scope::everywhere) const;

 private:
  // Before the handle, so that the connection outlives it.
  std::shared_ptr<const Session> session_;
  std::shared_ptr<_virNetwork> handle_;
  std::string name_;
};

}  // namespace vmtool::virt
