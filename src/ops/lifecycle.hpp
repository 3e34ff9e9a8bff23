#pragma once
// Starting, stopping and the rest of a machine's life.

#include <chrono>
#include <optional>
#include <string>

#include "ops/force.hpp"
#include "util/reporter.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

/// Whether the machine's state was changed, or was as wanted already.
enum class Outcome { done, already };

/// Starts the networks and pools that the machine needs, checks its files, then starts it. A paused machine is resumed.
/// Throws with the cause and the next step: a file that is missing, KVM that this host can't run, a network in the way;
/// a template, unless forced; a machine whose disks an interrupted operation has left half-written.
Outcome start(const virt::Connection& connection, const std::string& name, util::Reporter& reporter,
              Force force = Force::no);

struct StopOptions {
  bool force = false;  ///< pull the plug at once
  std::optional<std::chrono::milliseconds>
      timeout;  ///< before the plug is pulled; absent: the machine's own stopTimeout
};
/// Asks the guest to power off, again every few seconds, and pulls the plug after the time-out, saying so.
Outcome stop(const virt::Connection& connection, const std::string& name, const StopOptions& options,
             util::Reporter& reporter);

/// stop(), then start().
void restart(const virt::Connection& connection, const std::string& name, const StopOptions& options,
             util::Reporter& reporter);

Outcome suspend(const virt::Connection& connection, const std::string& name);
Outcome resume(const virt::Connection& connection, const std::string& name);

}  // namespace vmtool::ops
