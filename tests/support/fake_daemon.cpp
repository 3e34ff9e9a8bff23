#include "tests/support/fake_daemon.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace vmtool::tests {
namespace {

constexpr int turn_ms = 5;

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(static_cast<char*>(address.sun_path), path.c_str(), sizeof address.sun_path - 1);
  return address;
}

bool has_input(int descriptor) {
  pollfd wanted{descriptor, POLLIN, 0};
  return ::poll(&wanted, 1, turn_ms) > 0;
}

// False at the end of the stream.
bool hand_on(int from, int to) {
  std::array<char, 65536> buffer{};
  const ssize_t size = ::read(from, buffer.data(), buffer.size());
  if (size <= 0) return false;
  for (ssize_t done = 0; done < size;) {
    const ssize_t written = ::send(to, buffer.data() + done, static_cast<std::size_t>(size - done), MSG_NOSIGNAL);
    if (written <= 0) return false;
    done += written;
  }
  return true;
}

}  // namespace

FakeDaemon::FakeDaemon(Manner manner, std::filesystem::path behind)
    : behind_(std::move(behind)), manner_(manner), listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const sockaddr_un address = address_of(socket());
  if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_.get(), 4) != 0) {
    throw std::runtime_error("the fake daemon can't listen on " + socket().native());
  }
  thread_ = std::thread([this] { serve(); });
}

FakeDaemon::~FakeDaemon() {
  ended_ = true;
  thread_.join();
}

void FakeDaemon::serve() {
  while (!ended_) {
    if (!has_input(listener_.get())) continue;
    const util::Fd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (client) serve_client(client.get());
  }
}

void FakeDaemon::serve_client(int client) {
  const util::Fd real(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!behind_.empty()) {
    const sockaddr_un address = address_of(behind_);
    if (::connect(real.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return;
  }
  while (!ended_) {
    const Manner manner = manner_;
    if (manner == Manner::forward) {
      std::array<pollfd, 2> wanted{pollfd{client, POLLIN, 0}, pollfd{real.get(), POLLIN, 0}};
      ::poll(wanted.data(), wanted.size(), turn_ms);
      // Told otherwise while it waited: what came meanwhile is not answered any more.
      if (manner_ != Manner::forward) continue;
      if (wanted[0].revents != 0 && !hand_on(client, real.get())) return;
      if (wanted[1].revents != 0 && !hand_on(real.get(), client)) return;
    } else if (manner == Manner::closing) {
      if (has_input(client)) return;
    } else {
      std::array<char, 4096> ignored{};
      if (has_input(client) && ::read(client, ignored.data(), ignored.size()) <= 0) return;
    }
  }
}

}  // namespace vmtool::tests
