#include "oci/foreground.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "oci/terminal.hpp"
#include "util/error.hpp"

namespace vmtool::oci {
namespace {

/// Copies what there is; false at the end of the source.
bool copy_some(int from, int to) noexcept {
  char buffer[16384];
  const ssize_t got = ::read(from, buffer, sizeof buffer);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  for (ssize_t done = 0; done < got;) {
    const ssize_t wrote = ::write(to, buffer + done, static_cast<std::size_t>(got - done));
    if (wrote < 0 && errno != EINTR && errno != EAGAIN) return false;
    if (wrote > 0) done += wrote;
  }
  return got > 0;
}

void pass_signal(int signals, int process, int terminal) noexcept {
  signalfd_siginfo info{};
  if (::read(signals, &info, sizeof info) != sizeof info) return;
  if (info.ssi_signo == SIGWINCH && terminal >= 0) return copy_window_size(terminal);
  ::syscall(SYS_pidfd_send_signal, process, info.ssi_signo, nullptr, 0);
}

}  // namespace

SignalGate::SignalGate() {
  sigset_t set;
  sigfillset(&set);
  // What tells of a fault of our own, of a child, or of the terminal's job control is not the container's.
  for (const int own :
       {SIGCHLD, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGTTIN, SIGTTOU, SIGURG, SIGPIPE})
    sigdelset(&set, own);
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) throw util::SysError(errno, "can't hold signals back");
  signals_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_) throw util::SysError(errno, "can't make a signal descriptor");
}

void follow_to_end(const SignalGate& gate, int process, int terminal) {
  pollfd watched[4] = {{process, POLLIN, 0},
                       {gate.descriptor(), POLLIN, 0},
                       {terminal, POLLIN, 0},
                       {terminal >= 0 ? STDIN_FILENO : -1, POLLIN, 0}};
  for (;;) {
    if (::poll(watched, 4, -1) < 0) {
      if (errno == EINTR) continue;
      throw util::SysError(errno, "can't wait for the container");
    }
    if (watched[1].revents != 0) pass_signal(gate.descriptor(), process, terminal);
    if (watched[3].revents != 0 && !copy_some(STDIN_FILENO, terminal)) watched[3].fd = -1;
    if (watched[2].revents != 0 && !copy_some(terminal, STDOUT_FILENO)) watched[2].fd = -1;
    if (watched[0].revents != 0) break;
  }
  // What the process wrote last still lies in the terminal.
  pollfd rest{terminal, POLLIN, 0};
  while (terminal >= 0 && ::poll(&rest, 1, 0) > 0 && (rest.revents & POLLIN) != 0 &&
         copy_some(terminal, STDOUT_FILENO)) {
  }
}

}  // namespace vmtool::oci
