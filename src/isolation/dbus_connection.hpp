#pragma once
// A connection to a D-Bus peer on a unix socket: no bus in between, so no names and no matches.

#include <chrono>
#include <deque>
#include <string>

#include "isolation/dbus_message.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

namespace vmtool::isolation {

/// What the peer answered instead of a result: its words, and the name of the error.
class DbusError : public util::Error {
 public:
  DbusError(std::string name, const std::string& message);
  const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
};

class DbusConnection {
 public:
  /// Connects and says who we are (SASL EXTERNAL: the peer asks the kernel). Throws SysError, Error{denied}.
  static DbusConnection open(const std::string& socket_path);

  /// Calls, and waits up to half a minute for the answer. Throws DbusError, Error{unavailable}.
  DbusMessage call(DbusMessage message);
  /// The next signal, of those too that came while a call was answered. Throws Error{unavailable} after half a minute.
  DbusMessage next_signal();
  int descriptor() const noexcept { return socket_.get(); }

 private:
  explicit DbusConnection(util::Fd socket) noexcept : socket_(std::move(socket)) {}
  void authenticate();
  void wait_for_bytes(std::chrono::steady_clock::time_point deadline) const;
  std::string read_line(std::chrono::steady_clock::time_point deadline);
  std::string read_bytes(std::size_t size, std::chrono::steady_clock::time_point deadline);
  DbusMessage receive(std::chrono::steady_clock::time_point deadline);

  util::Fd socket_;
  std::uint32_t serial_ = 0;
  std::deque<DbusMessage> signals_{};
};

}  // namespace vmtool::isolation
