// The serial console on a terminal.

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/file.hpp"
#include "virt/domain.hpp"
#include "virt/guest_line.hpp"
#include "virt/terminal.hpp"

namespace vmtool::virt {
namespace {

constexpr char escape = 0x1d;  // Ctrl-]
// How long a silent console is left alone, in milliseconds: right after something came or was typed, and later on.
constexpr int short_nap = 5;
constexpr int long_nap = 50;

/// Signals that would end the program come as input, so that the terminal is put back first.
class EndingSignals {
 public:
  EndingSignals() {
    sigset_t ending;
    ::sigemptyset(&ending);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) ::sigaddset(&ending, signal);
    ::pthread_sigmask(SIG_BLOCK, &ending, &before_);
    descriptor_ = util::Fd(::signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  EndingSignals(const EndingSignals&) = delete;
  EndingSignals& operator=(const EndingSignals&) = delete;
  ~EndingSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  int descriptor() const { return descriptor_.get(); }
  void throw_if_any() const {
    signalfd_siginfo info{};
    if (::read(descriptor_.get(), &info, sizeof info) != sizeof info) return;
    throw util::Error(util::Errc::interrupted, fmt::format("the console was ended by signal {}",
                                                           ::sigabbrev_np(static_cast<int>(info.ssi_signo))));
  }

 private:
  sigset_t before_{};
  util::Fd descriptor_;
};

/// What the user types, up to the escape.
class Keys {
 public:
  explicit Keys(int descriptor) : descriptor_(descriptor) {}

  bool open() const { return open_; }
  bool escaped() const { return escaped_; }
  std::string& typed() { return typed_; }

  void read() {
    std::array<char, 1024> buffer{};
    const ssize_t size = ::read(descriptor_, buffer.data(), buffer.size());
    if (size < 0 && errno != EINTR && errno != EAGAIN) throw util::SysError(errno, "reading what is typed");
    if (size == 0) open_ = false;
    if (size <= 0) return;
    const std::string_view keys(buffer.data(), static_cast<std::size_t>(size));
    escaped_ = keys.find(escape) != std::string_view::npos;
    typed_ += keys.substr(0, keys.find(escape));
  }

 private:
  int descriptor_;
  bool open_ = true;
  bool escaped_ = false;
  std::string typed_;
};

}  // namespace

void Domain::console(int in_fd, int out_fd, bool force) const {
  const EndingSignals signals;
  const GuestLine line = open_console(force ? Console::forced : Console::safe);
  const RawTerminal terminal(in_fd);
  Keys keys(in_fd);
  int nap = 0;
  for (;;) {
    std::array<pollfd, 2> wanted{pollfd{signals.descriptor(), POLLIN, 0}, pollfd{keys.open() ? in_fd : -1, POLLIN, 0}};
    if (::poll(wanted.data(), wanted.size(), nap) < 0 && errno != EINTR)
      throw util::SysError(errno, "waiting for the console");
    signals.throw_if_any();
    bool quiet = true;
    if (wanted[1].revents != 0) keys.read();
    if (!keys.typed().empty()) {
      keys.typed().erase(0, line.say(keys.typed()));
      quiet = false;
    }
    if (keys.escaped()) return;
    const GuestLine::Heard heard = line.hear();
    util::write_all(out_fd, heard.text);
    if (heard.ended) return;
    quiet = quiet && heard.text.empty();
    nap = quiet ? std::min(nap + short_nap, long_nap) : short_nap;
  }
}

}  // namespace vmtool::virt
