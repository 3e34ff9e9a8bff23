#pragma once
// Ctrl-C during an operation that undoes itself.

namespace vmtool::cli {

/// While it lives, SIGINT and SIGTERM are remembered instead of ending the program; the operation asks check() between
/// its steps and so undoes what it did. A second signal ends the program at once.
class InterruptGuard {
 public:
  InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  ~InterruptGuard();

  /// Throws Error{interrupted} after a signal.
  void check() const;
};

}  // namespace vmtool::cli
