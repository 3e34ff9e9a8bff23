#pragma once
// The containers of the host, for one run of one command.

#include "cli/session.hpp"
#include "ops/container_home.hpp"
#include "ops/container_wiring.hpp"

namespace vmtool::cli {

struct Containers {
  /// Opens the session's connection when a container needs a network.
  explicit Containers(Session& session)
      : wiring(
            home, [&session]() -> const virt::Connection& { return session.connection(); }, session.reporter()) {}

  ops::ContainerHome home{};
  ops::ContainerWiring wiring;
};

}  // namespace vmtool::cli
