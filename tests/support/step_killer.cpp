#include "tests/support/step_killer.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/error.hpp"

namespace vmtool::tests {
namespace {

[[noreturn]] void become(std::vector<char*>& argv) {
  const int nothing = ::open("/dev/null", O_RDWR);
  for (int stream = 0; stream < 3; ++stream) ::dup2(nothing, stream);
  ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

/// Waits for the next stop; false at the end of the program.
bool wait_for_stop(pid_t pid, int& signal) {
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) return false;
  signal = WSTOPSIG(status);
  return true;
}

pid_t start_traced(const std::vector<std::string>& command) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) throw util::SysError(errno, "can't fork");
  if (pid == 0) become(argv);
  return pid;
}

/// Lets a stopped process run until its `number`th call and kills it there; false where it ends or executes before.
bool walk(pid_t pid, int number) {
  constexpr int call_stop = SIGTRAP | 0x80;
  ::ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC);
  for (int seen = 0, signal = 0;;) {
    ::ptrace(PTRACE_SYSCALL, pid, nullptr, static_cast<long>(signal));
    int status = 0;
    if (::waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status)) return false;
    if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_EXEC << 8))) {
      ::ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
      return false;
    }
    signal = WSTOPSIG(status);
    if (signal != call_stop) continue;  // a signal: handed on
    signal = 0;
    // A call stops twice: before it and after it.
    if (++seen < 2 * number - 1) continue;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, __WALL);
    return true;
  }
}

}  // namespace

bool kill_at_call(const std::vector<std::string>& command, int number) {
  const pid_t pid = start_traced(command);
  int signal = 0;
  return wait_for_stop(pid, signal) && walk(pid, number);  // the first stop is that of execve
}

bool kill_fork_at_call(const std::vector<std::string>& command, int number) {
  const pid_t pid = start_traced(command);
  int signal = 0;
  if (!wait_for_stop(pid, signal)) return false;
  ::ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACEFORK | PTRACE_O_EXITKILL);
  ::ptrace(PTRACE_CONT, pid, nullptr, nullptr);
  unsigned long child = 0;
  bool killed = false;
  if (wait_for_stop(pid, signal) && ::ptrace(PTRACE_GETEVENTMSG, pid, nullptr, &child) == 0 && child != 0) {
    ::ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
    int status = 0;
    killed = ::waitpid(static_cast<pid_t>(child), &status, __WALL) > 0 && walk(static_cast<pid_t>(child), number);
  }
  ::waitpid(pid, nullptr, 0);
  return killed;
}

}  // namespace vmtool::tests
