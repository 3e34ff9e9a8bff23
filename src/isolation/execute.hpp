#pragma once
// The end of a plan: waiting for `start`, and becoming the container's program.

#include <string>
#include <vector>

#include "isolation/child.hpp"
#include "isolation/failure.hpp"

namespace vmtool::isolation {

/// Tells the launcher that the namespaces are there and waits until it has done its part (network, hooks).
struct WaitForLauncher {};
/// Tells the launcher that all is set up, then waits until somebody opens the fifo for reading.
struct WaitForStart {
  int fifo = -1;  ///< O_PATH
};
/// Lives on when the launcher ends.
struct OutliveLauncher {};
/// Becomes the program, through the gate: a tiny sealed program, so that nothing in the container ever sees the
/// engine's own binary as /proc/PID/exe after the last step (CVE-2019-5736).
struct Execute {
  std::vector<std::string> args{};
  std::vector<std::string> env{};
  unsigned preserved = 0;  ///< descriptors from 3 on that the program keeps
  bool init = false;       ///< the gate stays as process 1 and runs the program as its child
};

Outcome run(const WaitForLauncher& step, Child& child) noexcept;
Outcome run(const WaitForStart& step, Child& child) noexcept;
Outcome run(const OutliveLauncher& step, Child& child) noexcept;
Outcome run(const Execute& step, Child& child) noexcept;

}  // namespace vmtool::isolation
