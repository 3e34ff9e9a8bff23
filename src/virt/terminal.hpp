#pragma once
// A terminal that hands every key through. Private to the room.

#include <termios.h>

namespace vmtool::virt {

/// Puts a terminal into raw mode (termios(3), cfmakeraw) and back at its end; a descriptor that is no terminal is left alone.
class RawTerminal {
 public:
  explicit RawTerminal(int descriptor);
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;
  ~RawTerminal();

 private:
  int descriptor_;
  bool changed_ = false;
  termios before_{};
};

}  // namespace vmtool::virt
