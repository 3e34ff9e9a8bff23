#include "oci/terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "isolation/console.hpp"
#include "util/error.hpp"

namespace vmtool::oci {

void send_console(const std::string& path, util::Fd master) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    throw util::Error(util::Errc::invalid_input, fmt::format("the console socket's path '{}' is too long", path));
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const util::Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw util::SysError(errno, fmt::format("can't connect to the console socket '{}'", path));
  }
  constexpr char name[] = "terminal";
  if (!isolation::send_descriptor(socket.get(), master.get(), name, sizeof name - 1))
    throw util::SysError(errno, "can't send the terminal");
}

RawTerminal::RawTerminal() {
  if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
  termios raw = before_;
  ::cfmakeraw(&raw);
  active_ = ::tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

RawTerminal::~RawTerminal() {
  if (active_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

void copy_window_size(int master) noexcept {
  winsize size{};
  if (::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) ::ioctl(master, TIOCSWINSZ, &size);
}

}  // namespace vmtool::oci
