#pragma once
// What to run, apart from the running thing: a Command is data, run() and spawn() make a Child of it.

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "util/fd.hpp"

namespace vmtool::util {

/// A program and its arguments. No shell is involved; the program is looked up in PATH.
struct Command {
  std::vector<std::string> args;                           ///< args[0] is the program
  std::vector<std::pair<std::string, std::string>> env{};  ///< added to the inherited environment
  std::string input{};                                     ///< what it reads on standard input
  std::chrono::milliseconds time_limit{60'000};            ///< run(): it is killed after this time
  std::size_t output_limit = std::size_t{64} << 20;        ///< run(): bytes of each stream that are kept
};

/// How a program ended.
struct Result {
  int exit_code = 0;  ///< 128+n for a signal n
  std::string out;
  std::string err;
};

/// A running child process; the destructor kills (SIGKILL) and reaps what still runs.
class Child {
 public:
  Child() noexcept = default;
  explicit Child(pid_t pid) noexcept : pid_(pid) {}
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Child& operator=(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { stop(); }

  pid_t pid() const noexcept { return pid_; }
  bool running() const noexcept { return pid_ > 0; }
  /// Waits for the end; 128+n for a signal n. Throws SysError.
  int wait();
  /// The exit code if it has ended already.
  std::optional<int> poll();
  /// Kills and reaps it if it runs.
  void stop() noexcept;

 private:
  pid_t pid_ = -1;
};

/// Descriptors that a spawned child gets as its standard streams; -1 means /dev/null.
struct Streams {
  int in = -1;
  int out = -1;
  int err = -1;
};

/// Starts the command (posix_spawnp); all other descriptors must be close-on-exec. Throws SysError where the program
/// can't be started.
Child spawn(const Command& command, Streams streams);

/// Runs the command to its end and collects both streams. Throws SysError where it can't be started and
/// Error{unavailable} where the time limit passed.
Result run(const Command& command);

/// As run(), but an exit code other than 0 is an Error{io} with the program's own words.
Result run_checked(const Command& command);

}  // namespace vmtool::util
