#pragma once
// The terminal of a container that runs.

#include "ops/container_home.hpp"

namespace vmtool::ops {

/// Connects both ways until the container ends or Ctrl-] is typed; without a terminal of its own, the container's output
/// alone is shown. Throws Error{conflict} where it does not run.
void attach_console(const ContainerHome& home, const std::string& name, int in_fd, int out_fd);

}  // namespace vmtool::ops
