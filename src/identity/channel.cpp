#include "identity/channel.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "identity/framing.hpp"
#include "util/file.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;
using Clock = std::chrono::steady_clock;

// Returns how much came before the end of file.
std::size_t read_exactly(int descriptor, std::string& into, Clock::time_point end) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    pollfd waiting{descriptor, POLLIN, 0};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) throw Error(Errc::unavailable, "reading the guest's disk takes too long");
    if (::poll(&waiting, 1, static_cast<int>(left)) <= 0) continue;
    const ssize_t got = ::read(descriptor, into.data() + filled, into.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

}  // namespace

void Channel::send(const Json& message) const { util::write_all(socket_.get(), framed(message)); }

std::optional<Json> Channel::receive(std::chrono::milliseconds time_limit) const {
  const auto end = Clock::now() + time_limit;
  std::string header(frame_header, '\0');
  if (read_exactly(socket_.get(), header, end) < header.size()) return std::nullopt;
  std::string text(frame_length(header), '\0');
  if (read_exactly(socket_.get(), text, end) < text.size()) return std::nullopt;
  return parse(text);
}

std::pair<Channel, Channel> make_channel() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw util::SysError(errno, "making a channel");
  return {Channel(util::Fd(ends[0])), Channel(util::Fd(ends[1]))};
}

}  // namespace vmtool::identity
