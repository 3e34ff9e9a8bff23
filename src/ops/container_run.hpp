#pragma once
// `vmtool run`: a container that is made, started, and often removed, in one go.

#include "ops/container_wiring.hpp"

namespace vmtool::ops {

struct RunWishes {
  model::Container container;
  bool remove = false;       ///< at its end
  bool interactive = false;  ///< standard input is the container's
};

/// A name that no container has: "run-" and eight hexadecimal digits.
std::string random_container_name();

/// In the foreground: the streams are the container's, signals go to it, its code is returned (125 to 127 and 128+n as a shell
/// has them). Throws Error where it can't be made.
int run_in_foreground(const ContainerHome& home, const RunWishes& wishes, ContainerWiring& wiring,
                      util::Reporter& reporter);

/// Under a monitor; returns when it runs. A container that is to be removed goes with the next command that looks at all.
void run_detached(const ContainerHome& home, const RunWishes& wishes, ContainerWiring& wiring,
                  util::Reporter& reporter);

}  // namespace vmtool::ops
