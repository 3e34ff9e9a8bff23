#include "isolation/execute.hpp"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string_view>

#include "isolation/message.hpp"
#include "isolation/namespaces.hpp"
#include "isolation/system.hpp"

namespace vmtool::isolation {
namespace {

bool send(int socket, Message message) noexcept {
  return ::send(socket, &message, sizeof message, MSG_NOSIGNAL) == sizeof message;
}

bool is_program(const char* path, int& error) noexcept {
  struct stat about {};
  if (::stat(path, &about) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) error = errno;
    return false;
  }
  if (S_ISREG(about.st_mode) && ::access(path, X_OK) == 0) return true;
  error = EACCES;
  return false;
}

std::string_view path_of(const std::vector<std::string>& env) noexcept {
  std::string_view path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  for (const std::string& item : env) {
    if (item.starts_with("PATH=")) path = std::string_view(item).substr(5);
  }
  return path;
}

/// Finds the program as execvp(3) does; 0 or the errno that describes the search best.
int find_program(const Execute& step, char (&found)[PATH_MAX]) noexcept {
  const std::string& name = step.args[0];
  int error = ENOENT;
  if (name.find('/') != std::string::npos) {
    if (name.size() >= sizeof found) return ENAMETOOLONG;
    std::memcpy(found, name.c_str(), name.size() + 1);
    return is_program(found, error) ? 0 : error;
  }
  std::string_view path = path_of(step.env);
  while (!name.empty()) {
    const auto colon = path.find(':');
    const std::string_view directory = colon == 0 || path.empty() ? "." : path.substr(0, colon);
    const int length = std::snprintf(found, sizeof found, "%.*s/%s", static_cast<int>(directory.size()),
                                     directory.data(), name.c_str());
    if (length > 0 && static_cast<std::size_t>(length) < sizeof found && is_program(found, error)) return 0;
    if (colon == std::string_view::npos) break;
    path.remove_prefix(colon + 1);
  }
  return error;
}

}  // namespace

Outcome run(const WaitForLauncher&, Child& child) noexcept {
  if (!send(child.sync, Message::namespaces)) return Outcome::last_error();
  return wait_for_go(child);
}

Outcome run(const OutliveLauncher&, Child&) noexcept {
  return ::prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) == 0 ? Outcome{} : Outcome::last_error();
}

Outcome run(const WaitForStart& step, Child& child) noexcept {
  // Others may be executed in the container meanwhile: this process is still the engine, and none of their business.
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return Outcome::last_error();
  if (::prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) != 0) return Outcome::last_error();
  if (!send(child.sync, Message::created)) return Outcome::last_error();
  char link[64];
  std::snprintf(link, sizeof link, "self/fd/%d", step.fifo);
  const int fifo = ::openat(child.proc, link, O_WRONLY | O_CLOEXEC);
  if (fifo < 0) return Outcome::last_error("opening the start fifo");
  // From here on the reader of the fifo is the one who wants to hear of a failure.
  const Message message = Message::go;
  if (::write(fifo, &message, sizeof message) != sizeof message) return Outcome::last_error("answering start");
  child.report = fifo;
  return {};
}

Outcome run(const Execute& step, Child& child) noexcept {
  char program[PATH_MAX];
  if (const int error = find_program(step, program); error != 0) {
    return {error, error == ENOENT ? "executable file not found in $PATH" : nullptr};
  }
  const int report = child.report >= 0 ? child.report : child.sync;
  if (::fcntl(report, F_SETFD, 0) != 0) return Outcome::last_error();
  char mode[16];
  std::snprintf(mode, sizeof mode, "%c%d", step.init ? 'i' : 'x', report);

  std::vector<char*> argv;
  argv.reserve(step.args.size() + 3);
  argv.push_back(mode);
  argv.push_back(program);
  for (const std::string& item : step.args) argv.push_back(const_cast<char*>(item.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> envp;
  envp.reserve(step.env.size() + 1);
  for (const std::string& item : step.env) envp.push_back(const_cast<char*>(item.c_str()));
  envp.push_back(nullptr);

  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // Tells an end that comes before the program from one that comes with it.
  if (child.report < 0 && !send(child.sync, Message::go)) return Outcome::last_error();
  sys::execute(child.gate, argv.data(), envp.data());
  const auto outcome = Outcome::last_error(errno == EPERM || errno == ENOSYS ? "the seccomp profile must allow execveat"
                                                                             : "starting the gate");
  static_cast<void>(::fcntl(report, F_SETFD, FD_CLOEXEC));
  return outcome;
}

}  // namespace vmtool::isolation
