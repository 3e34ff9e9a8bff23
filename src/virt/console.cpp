// The serial console. libvirt's client reads its socket only while a call is under way or an event loop runs. There is no
// loop here, so a cheap call is made at each turn: it brings in what the guest wrote, and tells of a daemon that went away.

#include <fmt/format.h>
#include <libvirt/libvirt.h>
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
#include "virt/handles.hpp"
#include "virt/session.hpp"
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
    throw util::Error(util::Errc::interrupted,
                      fmt::format("the console was ended by signal {}", ::sigabbrev_np(static_cast<int>(info.ssi_signo))));
  }

 private:
  sigset_t before_{};
  util::Fd descriptor_;
};

/// The guest's end of the line.
class Line {
 public:
  Line(const Session& session, const std::shared_ptr<virDomain>& domain, unsigned flags, std::string doing)
      : session_(session), doing_(std::move(doing)) {
    stream_ = session_.call([c = session_.connection(), domain, flags, what = doing_] {
      auto stream = own<virStreamFree>(virStreamNew(c.get(), VIR_STREAM_NONBLOCK), what);
      check(virDomainOpenConsole(domain.get(), nullptr, stream.get(), flags), what);
      return stream;
    });
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() {
    try {
      session_.call([stream = stream_] { virStreamAbort(stream.get()); });
    } catch (const util::Error&) {
      // Gone already.
    }
  }

  struct Heard {
    std::string text;
    bool ended = false;
  };
  /// What has come since the last time.
  Heard hear() const {
    return session_.call([stream = stream_, c = session_.connection(), what = doing_] {
      unsigned long ignored = 0;
      check(virConnectGetLibVersion(c.get(), &ignored), what);
      Heard heard;
      std::array<char, 4096> buffer{};
      for (;;) {
        const int size = virStreamRecv(stream.get(), buffer.data(), buffer.size());
        if (size == -2) return heard;
        // A guest that is destroyed ends its console by an error.
        if (size <= 0) {
          heard.ended = true;
          return heard;
        }
        heard.text.append(buffer.data(), static_cast<std::size_t>(size));
      }
    });
  }

  /// Sends what the daemon takes now; the number of bytes.
  std::size_t say(const std::string& text) const {
    return session_.call([stream = stream_, text, what = doing_]() -> std::size_t {
      const int size = virStreamSend(stream.get(), text.data(), text.size());
      if (size == -2) return 0;
      return static_cast<std::size_t>(check(size, what));
    });
  }

 private:
  const Session& session_;
  std::string doing_;
  std::shared_ptr<virStream> stream_;
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
  const Line line(*session_, handle_, force ? VIR_DOMAIN_CONSOLE_FORCE : VIR_DOMAIN_CONSOLE_SAFE,
                  fmt::format("opening the console of domain '{}'", name_));
  const RawTerminal terminal(in_fd);
  Keys keys(in_fd);
  int nap = 0;
  for (;;) {
    std::array<pollfd, 2> wanted{pollfd{signals.descriptor(), POLLIN, 0}, pollfd{keys.open() ? in_fd : -1, POLLIN, 0}};
    if (::poll(wanted.data(), wanted.size(), nap) < 0 && errno != EINTR) throw util::SysError(errno, "waiting for the console");
    signals.throw_if_any();
    bool quiet = true;
    if (wanted[1].revents != 0) keys.read();
    if (!keys.typed().empty()) {
      keys.typed().erase(0, line.say(keys.typed()));
      quiet = false;
    }
    if (keys.escaped()) return;
    const Line::Heard heard = line.hear();
    util::write_all(out_fd, heard.text);
    if (heard.ended) return;
    quiet = quiet && heard.text.empty();
    nap = quiet ? std::min(nap + short_nap, long_nap) : short_nap;
  }
}

}  // namespace vmtool::virt
