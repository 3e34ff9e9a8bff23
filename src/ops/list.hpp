#pragma once
// Every guest of a host in a few calls.

#include <string>
#include <vector>

#include "virt/connection.hpp"

namespace vmtool::ops {

struct ListedGuest {
  std::string name;
  std::string kind;   ///< "machine"
  std::string state;  ///< virsh's words
  std::vector<std::string> addresses;
  unsigned cpus = 0;
  std::uint64_t memory_bytes = 0;
};

/// One stats call for all machines, one lease call a network, the XML of running machines only; sorted by name.
std::vector<ListedGuest> list_guests(const virt::Connection& connection);

}  // namespace vmtool::ops
