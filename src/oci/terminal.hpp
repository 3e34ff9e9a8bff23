#pragma once
// The caller's side of a container's terminal.

#include <string>

#include <termios.h>

#include "util/fd.hpp"

namespace vmtool::oci {

/// Sends the master over the AF_UNIX socket at `path` (--console-socket). Throws SysError.
void send_console(const std::string& path, util::Fd master);

/// While it lives, the caller's terminal passes every key on; does nothing where standard input is no terminal.
class RawTerminal {
 public:
  RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;
  ~RawTerminal();

 private:
  bool active_ = false;
  termios before_{};
};

/// Gives the container's terminal the size of the caller's.
void copy_window_size(int master) noexcept;

}  // namespace vmtool::oci
