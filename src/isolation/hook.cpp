#include "isolation/hook.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/error.hpp"
#include "util/fd.hpp"

namespace vmtool::isolation {
namespace {

using util::Fd;

[[noreturn]] void become(const Hook& hook, int input) noexcept {
  std::vector<char*> argv;
  for (const std::string& item : hook.args) argv.push_back(const_cast<char*>(item.c_str()));
  if (argv.empty()) argv.push_back(const_cast<char*>(hook.path.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> envp;
  for (const std::string& item : hook.env) envp.push_back(const_cast<char*>(item.c_str()));
  envp.push_back(nullptr);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::dup2(input, 0) >= 0) ::execve(hook.path.c_str(), argv.data(), envp.data());
  ::_exit(127);
}

}  // namespace

Outcome run_hook(const Hook& hook, const std::string& state) noexcept {
  // A memory file instead of a pipe: the hook may read as late, as little and as often as it likes.
  const Fd input(::memfd_create("state", MFD_CLOEXEC));
  if (!input) return Outcome::last_error();
  if (::write(input.get(), state.data(), state.size()) != static_cast<ssize_t>(state.size()))
    return Outcome::last_error();
  if (::lseek(input.get(), 0, SEEK_SET) != 0) return Outcome::last_error();
  const pid_t child = ::fork();
  if (child < 0) return Outcome::last_error();
  if (child == 0) become(hook, input.get());
  bool late = false;
  if (hook.timeout) {
    const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
    pollfd wait{process.get(), POLLIN, 0};
    if (process && ::poll(&wait, 1, *hook.timeout * 1000) == 0) {
      late = true;
      ::kill(child, SIGKILL);
    }
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (late) return {ETIMEDOUT, "the hook took longer than its timeout"};
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return {ECANCELED, "the hook did not end with code 0"};
}

void run_hooks(const std::vector<Hook>& hooks, const char* kind, const std::string& state) {
  for (const Hook& hook : hooks) {
    const Outcome outcome = run_hook(hook, state);
    if (outcome) continue;
    throw util::Error(util::kind_of_errno(outcome.error),
                      fmt::format("{} hook '{}': {}", kind, hook.path,
                                  outcome.detail != nullptr ? outcome.detail : std::strerror(outcome.error)));
  }
}

Outcome run(const RunHooks& step, Child&) noexcept {
  const std::string state = step.state(::getpid(), step.status);
  for (const Hook& hook : step.hooks) {
    if (auto done = run_hook(hook, state); !done) return done;
  }
  return {};
}

}  // namespace vmtool::isolation
