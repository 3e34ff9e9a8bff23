#pragma once
// Device nodes and the well-known links below /dev.

#include <string>
#include <vector>

#include "isolation/child.hpp"
#include "isolation/failure.hpp"
#include "isolation/spec.hpp"

namespace vmtool::isolation {

/// Makes a node; inside a user namespace, which may not, the host's own node is bind-mounted.
struct MakeDevice {
  Device device{};
};
/// A symbolic link of the engine's, e.g. /dev/fd → /proc/self/fd. One that exists stays.
struct MakeLink {
  std::string path{};
  std::string target{};
};

Outcome run(const MakeDevice& step, Child& child) noexcept;
Outcome run(const MakeLink& step, Child& child) noexcept;

/// The nodes that every container has: null, zero, full, random, urandom, tty.
std::vector<Device> default_devices();

}  // namespace vmtool::isolation
