#include "util/command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::util {
namespace {

using Clock = std::chrono::steady_clock;

int code_of_status(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

struct Pipe {
  Fd read;
  Fd write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw SysError(errno, "making a pipe");
  return {Fd(ends[0]), Fd(ends[1])};
}

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  // dup2 onto itself would keep close-on-exec only in older C libraries; glibc ≥ 2.29 clears it.
  void set(int target, int source) {
    if (source >= 0) posix_spawn_file_actions_adddup2(&actions_, source, target);
    else posix_spawn_file_actions_addopen(&actions_, target, "/dev/null", target == 0 ? O_RDONLY : O_WRONLY, 0);
  }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

std::vector<std::string> environment_with(const Command& command) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    bool replaced = false;
    for (const auto& [name, value] : command.env) {
      replaced = replaced || text.substr(0, text.find('=')) == name;
    }
    if (!replaced) out.emplace_back(text);
  }
  for (const auto& [name, value] : command.env) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// Reads what is there; closes the end at end of file.
void drain(Fd& end, std::string& into, std::size_t limit) {
  std::array<char, 65536> buffer;
  const ssize_t got = ::read(end.get(), buffer.data(), buffer.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0) {
    end.reset();
    return;
  }
  const auto room = limit - std::min(limit, into.size());
  into.append(buffer.data(), std::min(room, static_cast<std::size_t>(got)));
}

void feed(Fd& end, std::string_view& input) {
  const ssize_t put = input.empty() ? 0 : ::write(end.get(), input.data(), input.size());
  if (put < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (put > 0) input.remove_prefix(static_cast<std::size_t>(put));
  if (put < 0 || input.empty()) end.reset();
}

// A child that closes its standard input early must not kill us by SIGPIPE.
class IgnoreSigpipe {
 public:
  IgnoreSigpipe() {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &old_);
  }
  IgnoreSigpipe(const IgnoreSigpipe&) = delete;
  IgnoreSigpipe& operator=(const IgnoreSigpipe&) = delete;
  ~IgnoreSigpipe() { ::sigaction(SIGPIPE, &old_, nullptr); }

 private:
  struct sigaction old_ {};
};

}  // namespace

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    stop();
    pid_ = std::exchange(other.pid_, -1);
  }
  return *this;
}

int Child::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0) {
    if (errno != EINTR) throw SysError(errno, "waiting for a child process");
  }
  pid_ = -1;
  return code_of_status(status);
}

std::optional<int> Child::poll() {
  int status = 0;
  const pid_t got = ::waitpid(pid_, &status, WNOHANG);
  if (got < 0) throw SysError(errno, "polling a child process");
  if (got == 0) return std::nullopt;
  pid_ = -1;
  return code_of_status(status);
}

void Child::stop() noexcept {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

Child spawn(const Command& command, Streams streams) {
  FileActions actions;
  actions.set(0, streams.in);
  actions.set(1, streams.out);
  actions.set(2, streams.err);
  std::vector<std::string> args = command.args;
  std::vector<std::string> env = environment_with(command);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int failure = posix_spawnp(&pid, args.at(0).c_str(), actions.get(), &attributes, pointers_to(args).data(),
                                   pointers_to(env).data());
  posix_spawnattr_destroy(&attributes);
  if (failure != 0) throw SysError(failure, fmt::format("starting '{}'", command.args.at(0)));
  return Child(pid);
}

Result run(const Command& command) {
  const IgnoreSigpipe no_sigpipe;
  Pipe in = make_pipe();
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  Child child = spawn(command, {in.read.get(), out.write.get(), err.write.get()});
  in.read.reset();
  out.write.reset();
  err.write.reset();
  ::fcntl(in.write.get(), F_SETFL, O_NONBLOCK);
  Result result;
  std::string_view input = command.input;
  const auto end = Clock::now() + command.time_limit;
  while (in.write || out.read || err.read) {
    std::array<pollfd, 3> ends{
        {{in.write.get(), POLLOUT, 0}, {out.read.get(), POLLIN, 0}, {err.read.get(), POLLIN, 0}}};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) {
      throw Error(Errc::unavailable,
                  fmt::format("'{}' did not end within {} ms", command.args.at(0), command.time_limit.count()));
    }
    if (::poll(ends.data(), ends.size(), static_cast<int>(left)) < 0 && errno != EINTR)
      throw SysError(errno, "polling");
    if (ends[0].revents != 0) feed(in.write, input);
    if (ends[1].revents != 0) drain(out.read, result.out, command.output_limit);
    if (ends[2].revents != 0) drain(err.read, result.err, command.output_limit);
  }
  result.exit_code = child.wait();
  return result;
}

Result run_checked(const Command& command) {
  Result result = run(command);
  if (result.exit_code != 0) {
    const std::string_view words = trim(result.err.empty() ? result.out : result.err);
    throw Error(Errc::io, fmt::format("'{}' ended with code {}: {}", command.args.at(0), result.exit_code,
                                      printable(words, 600)));
  }
  return result;
}

}  // namespace vmtool::util
