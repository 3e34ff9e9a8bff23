#include "virt/terminal.hpp"

#include <unistd.h>

#include <cerrno>

#include "util/error.hpp"

namespace vmtool::virt {

RawTerminal::RawTerminal(int descriptor) : descriptor_(descriptor) {
  if (::isatty(descriptor_) == 0) return;
  if (::tcgetattr(descriptor_, &before_) != 0) throw util::SysError(errno, "reading the terminal's mode");
  termios raw = before_;
  ::cfmakeraw(&raw);
  if (::tcsetattr(descriptor_, TCSAFLUSH, &raw) != 0) throw util::SysError(errno, "setting the terminal's mode");
  changed_ = true;
}

RawTerminal::~RawTerminal() {
  if (changed_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
}

}  // namespace vmtool::virt
