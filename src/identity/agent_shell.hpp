#pragma once
// Scripts inside a running guest, by way of its QEMU guest agent (QEMU's docs/interop/qemu-ga-ref, guest-exec).

#include <chrono>
#include <functional>
#include <string>

#include "identity/identity.hpp"

namespace vmtool::identity {

class AgentShell {
 public:
  explicit AgentShell(AgentCall agent) : agent_(std::move(agent)) {}

  /// Runs a script with /bin/sh as the agent's user, which is root, and gives what it wrote to its standard output. Throws what the agent's
  /// call throws, Error{io} with the script's own words where it ended badly, Error{unavailable} where it takes longer than two
  /// minutes: it goes on in the guest then.
  std::string run(const std::string& script) const;

 private:
  AgentCall agent_;
};

}  // namespace vmtool::identity
