#pragma once
// The terminal of a container: a pseudo-terminal of its own devpts, never one of the host's.

#include "isolation/child.hpp"
#include "isolation/failure.hpp"

namespace vmtool::isolation {

/// Opens a terminal in the container's devpts, sends its master to the launcher, and binds it on /dev/console.
struct OpenConsole {
  unsigned short rows = 0;
  unsigned short columns = 0;
  bool bind = true;  ///< false for a process that joins a running container
  unsigned owner = 0;
};
/// Makes it the controlling terminal and standard input, output and error.
struct UseConsole {};

Outcome run(const OpenConsole& step, Child& child) noexcept;
Outcome run(const UseConsole& step, Child& child) noexcept;

/// Sends a descriptor with a message of `size` bytes over a socket; false with errno.
bool send_descriptor(int socket, int descriptor, const void* message, unsigned long size) noexcept;

}  // namespace vmtool::isolation
