#include "cli/interrupt.hpp"

#include <csignal>

#include "util/error.hpp"

namespace vmtool::cli {
namespace {

// The one thing that a signal handler can reach; lock-free by the C++ standard.
volatile std::sig_atomic_t interrupted = 0;

void remember(int) { interrupted = 1; }

void handle(void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  for (const int signal : {SIGINT, SIGTERM}) ::sigaction(signal, &action, nullptr);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  interrupted = 0;
  handle(remember, static_cast<int>(SA_RESETHAND | SA_RESTART));
}

InterruptGuard::~InterruptGuard() { handle(SIG_DFL, 0); }

void InterruptGuard::check() const {
  if (interrupted != 0)
    throw util::Error(util::Errc::interrupted, "interrupted").hint("what was done so far is undone");
}

}  // namespace vmtool::cli
