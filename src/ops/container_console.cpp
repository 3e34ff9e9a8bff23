#include "ops/container_console.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "ops/container_state.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::ops {
namespace {

constexpr char escape_key = 0x1d;  // Ctrl-]

// A socket's path is short; a directory's need not be.
util::Fd connect_below(const std::filesystem::path& folder, const char* name) {
  const util::Fd directory = util::open_file(folder, O_PATH | O_DIRECTORY);
  util::Fd line(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!line) throw util::SysError(errno, "making a socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = fmt::format("/proc/self/fd/{}/{}", directory.get(), name);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  if (::connect(line.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw util::SysError(errno, fmt::format("connecting to '{}'", (folder / name).native()));
  }
  return line;
}

class RawKeys {
 public:
  explicit RawKeys(int descriptor) : descriptor_(descriptor) {
    if (::isatty(descriptor) == 0 || ::tcgetattr(descriptor, &before_) != 0) return;
    termios raw = before_;
    ::cfmakeraw(&raw);
    changed_ = ::tcsetattr(descriptor, TCSAFLUSH, &raw) == 0;
  }
  RawKeys(const RawKeys&) = delete;
  RawKeys& operator=(const RawKeys&) = delete;
  ~RawKeys() {
    if (changed_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
  }

 private:
  int descriptor_;
  bool changed_ = false;
  termios before_{};
};

std::string_view read_some(int descriptor, std::array<char, 16384>& buffer) {
  const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
  return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

}  // namespace

void attach_console(const ContainerHome& home, const std::string& name, int in_fd, int out_fd) {
  if (!is_up(settle_container(home, name).state)) {
    throw util::Error(util::Errc::conflict, fmt::format("container '{}' does not run", name))
        .hint(fmt::format("vmtool start {}; its output so far: vmtool logs {}", name, name));
  }
  const bool is_terminal = home.summary(name).terminal;
  const util::Fd line = connect_below(home.paths(name).run, "console.sock");
  const RawKeys keys(is_terminal ? in_fd : -1);
  std::array<char, 16384> buffer{};
  std::array<pollfd, 2> watched{pollfd{line.get(), POLLIN, 0}, pollfd{in_fd, POLLIN, 0}};
  for (;;) {
    if (::poll(watched.data(), watched.size(), -1) < 0) {
      if (errno == EINTR) continue;
      throw util::SysError(errno, "waiting for the console");
    }
    if (watched[0].revents != 0) {
      const std::string_view heard = read_some(line.get(), buffer);
      if (heard.empty()) return;
      util::write_all(out_fd, heard);
    }
    if (watched[1].revents != 0) {
      const std::string_view typed = read_some(in_fd, buffer);
      if (typed.empty()) watched[1].fd = -1;
      if (is_terminal) util::write_all(line.get(), typed.substr(0, typed.find(escape_key)));
      if (typed.find(escape_key) != std::string_view::npos) return;
    }
  }
}

}  // namespace vmtool::ops
