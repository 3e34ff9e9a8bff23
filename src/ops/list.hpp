#pragma once
// Every guest of a host in a few calls.

#include <optional>
#include <string>
#include <vector>

#include "virt/connection.hpp"

namespace vmtool::ops {

struct ListedGuest {
  std::string name;
  std::string kind;   ///< "machine" or "container"
  std::string state;  ///< virsh's words for a machine
  std::vector<std::string> addresses;
  std::optional<double> cpus{};  ///< whole ones for a machine; absent: not limited
  std::optional<std::uint64_t> memory_bytes{};
};

/// The machines: one stats call for all machines, one lease call a network, the XML of running machines only; sorted by name.
std::vector<ListedGuest> list_guests(const virt::Connection& connection);

}  // namespace vmtool::ops
