#pragma once
// What guests use of their host.

#include <chrono>
#include <string>
#include <vector>

#include "ops/container_home.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

struct GuestUsage {
  std::string name;
  std::string kind;                             ///< "machine" or "container"
  std::optional<double> cpus{};                 ///< processors in use, over the interval
  std::optional<std::uint64_t> memory_bytes{};  ///< in use; a machine's is what the guest has been given
  std::optional<std::uint64_t> memory_limit{};
  std::optional<std::uint64_t> processes{};  ///< of containers
};

/// Looks at all guests that run, twice, `interval` apart. `connection` may be null: containers alone. Sorted by name.
std::vector<GuestUsage> measure_usage(const ContainerHome& home, const virt::Connection* connection,
                                      std::chrono::milliseconds interval);

}  // namespace vmtool::ops
