#include "isolation/dbus_connection.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "util/text.hpp"

namespace vmtool::isolation {
namespace {

using std::chrono::steady_clock;
using util::Errc;
using util::Error;
using util::Fd;
using util::SysError;

constexpr std::chrono::seconds patience{30};
constexpr std::size_t longest_line = 512;

void send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) throw SysError(errno, "can't send a D-Bus message");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

}  // namespace

DbusError::DbusError(std::string name, const std::string& message)
    : Error(name == "org.freedesktop.DBus.Error.AccessDenied" ? Errc::denied : Errc::unavailable,
            util::printable(message.empty() ? name : message)),
      name_(std::move(name)) {}

DbusConnection DbusConnection::open(const std::string& socket_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof address.sun_path)
    throw SysError(ENAMETOOLONG, fmt::format("can't connect to '{}'", socket_path));
  std::memcpy(address.sun_path, socket_path.c_str(), socket_path.size());
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) throw SysError(errno, "can't make a socket");
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw SysError(errno, fmt::format("can't connect to '{}'", socket_path));
  }
  DbusConnection out(std::move(socket));
  out.authenticate();
  return out;
}

void DbusConnection::authenticate() {
  // Without a user id, since the one we know may be that of a user namespace: the peer takes the one that the kernel tells it.
  static constexpr char hello[] = "\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n";
  send_all(socket_.get(), {hello, sizeof hello - 1});
  const auto deadline = steady_clock::now() + patience;
  std::string line = read_line(deadline);
  if (line == "DATA") line = read_line(deadline);
  if (!line.starts_with("OK "))
    throw Error(Errc::denied, fmt::format("the D-Bus peer refuses this user: '{}'", util::printable(line)));
}

void DbusConnection::wait_for_bytes(steady_clock::time_point deadline) const {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now()).count();
    pollfd wait{socket_.get(), POLLIN, 0};
    const int ready = ::poll(&wait, 1, static_cast<int>(std::max<long>(left, 0)));
    if (ready > 0) return;
    if (ready == 0)
      throw Error(Errc::unavailable, fmt::format("the D-Bus peer did not answer in {} seconds", patience.count()));
    if (errno != EINTR) throw SysError(errno, "can't wait for a D-Bus message");
  }
}

std::string DbusConnection::read_bytes(std::size_t size, steady_clock::time_point deadline) {
  std::string out(size, '\0');
  for (std::size_t have = 0; have < size;) {
    wait_for_bytes(deadline);
    const ssize_t got = ::recv(socket_.get(), out.data() + have, size - have, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw SysError(errno, "can't receive a D-Bus message");
    if (got == 0) throw Error(Errc::unavailable, "the D-Bus peer closed the connection");
    have += static_cast<std::size_t>(got);
  }
  return out;
}

// Byte by byte: what follows the last line is a message already.
std::string DbusConnection::read_line(steady_clock::time_point deadline) {
  std::string line;
  while (!line.ends_with("\r\n")) {
    if (line.size() > longest_line) throw Error(Errc::io, "the D-Bus peer answered with an endless line");
    line += read_bytes(1, deadline);
  }
  return line.substr(0, line.size() - 2);
}

DbusMessage DbusConnection::receive(steady_clock::time_point deadline) {
  std::string bytes = read_bytes(dbus_head_size, deadline);
  bytes += read_bytes(dbus_message_size(bytes) - dbus_head_size, deadline);
  return decode(bytes);
}

DbusMessage DbusConnection::call(DbusMessage message) {
  const auto deadline = steady_clock::now() + patience;
  message.serial = ++serial_;
  send_all(socket_.get(), encode(message));
  for (;;) {
    DbusMessage got = receive(deadline);
    if (got.kind == DbusKind::signal) signals_.push_back(std::move(got));
    if (got.answers != message.serial) continue;
    if (got.kind == DbusKind::error)
      throw DbusError(got.error, got.signature.starts_with('s') ? DbusReader(got.body).text() : "");
    if (got.kind == DbusKind::answer) return got;
  }
}

DbusMessage DbusConnection::next_signal() {
  const auto deadline = steady_clock::now() + patience;
  while (signals_.empty()) {
    DbusMessage got = receive(deadline);
    if (got.kind == DbusKind::signal) signals_.push_back(std::move(got));
  }
  DbusMessage first = std::move(signals_.front());
  signals_.pop_front();
  return first;
}

}  // namespace vmtool::isolation
