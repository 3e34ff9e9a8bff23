#pragma once
// Messages between the helper program and its worker, over a socket (framing.hpp).

#include <chrono>
#include <optional>

#include "identity/wire.hpp"
#include "util/fd.hpp"

namespace vmtool::identity {

class Channel {
 public:
  explicit Channel(util::Fd socket) : socket_(std::move(socket)) {}

  int descriptor() const noexcept { return socket_.get(); }
  /// Throws SysError.
  void send(const Json& message) const;
  /// The next message; absent where the other side has closed. Throws Error{unavailable} after the time limit, and
  /// Error{internal} for a message larger than 16 MiB or that is no JSON.
  std::optional<Json> receive(std::chrono::milliseconds time_limit) const;

 private:
  util::Fd socket_;
};

/// The two ends of a new channel.
std::pair<Channel, Channel> make_channel();

}  // namespace vmtool::identity
