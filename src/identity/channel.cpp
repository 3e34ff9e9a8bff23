#include "identity/channel.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "util/file.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t largest_message = 16U << 20;

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

void Channel::send(const Json& message) const {
  const std::string text = message.dump();
  std::string framed;
  for (int shift = 0; shift < 32; shift += 8) framed += static_cast<char>(text.size() >> shift & 0xff);
  util::write_all(socket_.get(), framed + text);
}

std::optional<Json> Channel::receive(std::chrono::milliseconds time_limit) const {
  const auto end = Clock::now() + time_limit;
  std::string header(4, '\0');
  if (read_exactly(socket_.get(), header, end) < header.size()) return std::nullopt;
  std::uint32_t length = 0;
  for (std::size_t i = header.size(); i-- > 0;) length = length << 8 | static_cast<unsigned char>(header[i]);
  if (length > largest_message) throw Error(Errc::internal, "a message of the worker is too large");
  std::string text(length, '\0');
  if (read_exactly(socket_.get(), text, end) < text.size()) return std::nullopt;
  return parse(text);
}

std::pair<Channel, Channel> make_channel() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) throw util::SysError(errno, "making a channel");
  return {Channel(util::Fd(ends[0])), Channel(util::Fd(ends[1]))};
}

}  // namespace vmtool::identity
