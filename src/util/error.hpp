#pragma once
// The one error type of the project: a kind (which is the exit code), a message, the steps it passed, a hint.

#include <cerrno>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace vmtool::util {

/// The kind of an error; its value is the exit code of the program.
enum class Errc : int {
  usage = 2,          ///< the command line is wrong
  invalid_input = 3,  ///< a manifest or another input is wrong
  not_found = 4,      ///< what was named does not exist
  conflict = 5,       ///< what was asked clashes with what exists
  unavailable = 6,    ///< a daemon, a device or a feature of the host is missing
  denied = 7,         ///< no permission
  io = 8,             ///< the system refused an operation (full disk, broken file …)
  interrupted = 130,  ///< the user stopped the program
  internal = 70,      ///< a fault of the program itself
};

/// The word for a kind as JSON and messages use it, e.g. "invalid_input".
const char* to_text(Errc kind) noexcept;

/// What every room throws. Messages are lower case, have no final period and put names in single quotes.
class Error : public std::exception {
 public:
  Error(Errc kind, std::string message);

  /// Adds the next step for the user, replacing an earlier hint.
  Error& hint(std::string text) &;
  Error&& hint(std::string text) &&;
  /// Adds what was being done, innermost first, e.g. "cloning 'web'".
  void add_step(std::string step);

  Errc kind() const noexcept { return kind_; }
  const std::string& message() const noexcept { return message_; }
  const std::vector<std::string>& steps() const noexcept { return steps_; }
  const std::string& hint() const noexcept { return hint_; }
  int exit_code() const noexcept { return static_cast<int>(kind_); }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  Errc kind_;
  std::string message_;
  std::vector<std::string> steps_;
  std::string hint_;
};

/// The kind that an errno value stands for (ENOENT is not_found, EACCES denied, EEXIST conflict, the rest io).
Errc kind_of_errno(int errno_value) noexcept;

/// An error of a system call: "<message>: <strerror>". Take errno at once: `throw SysError(errno, "…")`.
class SysError : public Error {
 public:
  SysError(int errno_value, const std::string& message);
  int errno_value() const noexcept { return errno_value_; }

 private:
  int errno_value_;
};

/// Runs `f`; an Error that passes through gets `step` added ("while cloning 'web'" is printed as a line of its own).
template <class F>
decltype(auto) during(std::string step, F&& f) {
  try {
    return std::forward<F>(f)();
  } catch (Error& error) {
    error.add_step(std::move(step));
    throw;
  }
}

}  // namespace vmtool::util
