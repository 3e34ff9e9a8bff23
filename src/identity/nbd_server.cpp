#include "identity/nbd_server.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include <fmt/format.h>

#include "identity/private_dir.hpp"
#include "identity/require_call.hpp"
#include "util/death_signal.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr int first_passed_socket = 3;  // sd_listen_fds(3)
constexpr auto longest_end = std::chrono::seconds(20);

struct SocketPair {
  util::Fd listening;
  util::Fd connected;
};

// A listening socket with our own connection waiting in its queue. Its name exists for these few lines only, in a
// directory that nobody else can enter.
SocketPair make_connected_listener() {
  const PrivateDir directory;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = (directory.path() / "nbd").native();
  if (path.size() >= sizeof address.sun_path)
    throw Error(Errc::unavailable, "the runtime directory has too long a name for a socket");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  SocketPair pair{util::Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)),
                  util::Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))};
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  require_call(::bind(pair.listening.get(), name, sizeof address), "naming a socket");
  require_call(::listen(pair.listening.get(), 1), "listening on a socket");
  require_call(::connect(pair.connected.get(), name, sizeof address), "connecting a socket");
  return pair;
}

std::pair<util::Fd, util::Fd> make_pipe() {
  std::array<int, 2> ends{};
  require_call(::pipe2(ends.data(), O_CLOEXEC), "making a pipe");
  return {util::Fd(ends[0]), util::Fd(ends[1])};
}

// Runs in the child. Socket activation wants the child's own pid in the environment, which only a fork can know.
[[noreturn]] void become_qemu_nbd(const util::Fd& listening, const util::Fd& errors, const std::string& options,
                                  bool read_only, pid_t parent) noexcept {
  // An orphan would keep the image open, and locked, for ever.
  if (!util::die_with_parent(parent)) ::_exit(127);
  const std::string pid = std::to_string(::getpid());
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::setenv("LISTEN_PID", pid.c_str(), 1);
  ::setenv("LISTEN_FDS", "1", 1);
  ::dup2(errors.get(), 2);
  ::dup2(errors.get(), 1);
  if (listening.get() == first_passed_socket) ::fcntl(first_passed_socket, F_SETFD, 0);
  else ::dup2(listening.get(), first_passed_socket);
  ::execlp("qemu-nbd", "qemu-nbd", options.c_str(), read_only ? "--read-only" : static_cast<char*>(nullptr),
           static_cast<char*>(nullptr));
  const std::string cause = fmt::format("qemu-nbd can't be started: {}", std::strerror(errno));
  static_cast<void>(!::write(2, cause.data(), cause.size()));
  ::_exit(127);
}

}  // namespace

NbdServer::NbdServer(const Disk& disk, ImageAccess access) {
  SocketPair sockets = make_connected_listener();
  auto [errors_read, errors_write] = make_pipe();
  const std::string options = block_options(disk, access);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  require_call(pid, "starting qemu-nbd");
  if (pid == 0) become_qemu_nbd(sockets.listening, errors_write, options, access == ImageAccess::look, parent);
  child_ = util::Child(pid);
  connection_ = std::move(sockets.connected);
  errors_ = std::move(errors_read);
}

std::optional<std::string> NbdServer::failure() {
  std::optional<int> code;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (child_.running() && !(code = child_.poll()) && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  if (!code || *code == 0) return std::nullopt;
  return std::string(util::trim(util::read_all(errors_.get(), 1 << 20)));
}

void NbdServer::finish() {
  const auto end = std::chrono::steady_clock::now() + longest_end;
  while (child_.running() && !child_.poll()) {
    if (std::chrono::steady_clock::now() > end) throw Error(Errc::io, "qemu-nbd does not end");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace vmtool::identity
