#pragma once
// Whether a container runs: what its monitor wrote down, and whether that monitor lives.

#include <optional>
#include <string>

#include "bundle/status.hpp"
#include "ops/container_home.hpp"
#include "util/fd.hpp"

namespace vmtool::ops {

enum class ContainerState {
  created,  ///< never started since the host was
  running,
  restarting,  ///< its monitor waits before the next start
  exited,
  lost,  ///< its monitor was killed: adopt() takes it up
};
/// "created", "running", "restarting", "exited", "lost".
const char* to_text(ContainerState state) noexcept;

struct ObservedState {
  ContainerState state = ContainerState::created;
  bundle::Status status{};  ///< all but `created`
};

/// Looks, and changes nothing.
ObservedState look_at_container(const ContainerPaths& paths);

/// As look_at_container(), but a container whose monitor was killed gets a new one first, or is cleaned up where it is over.
ObservedState settle_container(const ContainerHome& home, const std::string& name);

constexpr bool is_up(ContainerState state) noexcept {
  return state == ContainerState::running || state == ContainerState::restarting || state == ContainerState::lost;
}

/// A status that names this very process as the monitor.
bundle::Status own_status();

/// A descriptor of the monitor (pidfd_open(2)), which becomes readable at its end; none where it has ended.
util::Fd open_monitor(const bundle::Status& status);

/// The words of `isolate supervise` for a container.
std::vector<std::string> supervise_words(const ContainerHome& home, const std::string& name,
                                         const bundle::Summary& summary);

}  // namespace vmtool::ops
