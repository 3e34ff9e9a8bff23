#pragma once
// Starting, stopping and waiting for containers.

#include <chrono>
#include <optional>
#include <string>

#include "ops/container_state.hpp"
#include "ops/container_wiring.hpp"
#include "ops/lifecycle.hpp"

namespace vmtool::ops {

/// Plugs a container into its networks and starts it under a monitor of its own; gives it its identity before its first start. Throws with the engine's own
/// words where it can't run.
Outcome start_container(const ContainerHome& home, const std::string& name, ContainerWiring& wiring);

/// Asks its first process to end, and kills it after the time-out, saying so.
Outcome stop_container(const ContainerHome& home, const std::string& name, const StopOptions& options,
                       ContainerWiring& wiring, util::Reporter& reporter);

void restart_container(const ContainerHome& home, const std::string& name, const StopOptions& options,
                       ContainerWiring& wiring, util::Reporter& reporter);

/// Kills it at once, whatever state it is in; the caller holds its lock.
void kill_container(const ContainerHome& home, const std::string& name);

/// Waits until it has ended for good (no restart follows). Throws Error{unavailable} after `timeout`.
bundle::Status wait_for_end(const ContainerHome& home, const std::string& name,
                            std::optional<std::chrono::milliseconds> timeout);

Outcome suspend_container(const ContainerHome& home, const std::string& name);
Outcome resume_container(const ContainerHome& home, const std::string& name);

}  // namespace vmtool::ops
