#pragma once
// The reverse of each step of an operation, run backwards unless the operation commits.

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace vmtool::util {

/// Collects how to undo each step that succeeded; the destructor undoes them last first unless commit() was called.
/// Undo steps may throw: what could not be undone is handed to the reporter of the constructor, nothing is thrown.
class Undo {
 public:
  /// `on_failure(what, why)` hears of each step that could not be undone; null: nobody does.
  using OnFailure = std::function<void(const std::string& what, const std::string& why)>;

  explicit Undo(OnFailure on_failure) : on_failure_(std::move(on_failure)) {}
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;
  ~Undo() { run(); }

  /// Call right after a step succeeded. `what` reads "remove volume 'a.qcow2'".
  void add(std::string what, std::function<void()> reverse) {
    steps_.emplace_back(std::move(what), std::move(reverse));
  }
  /// The operation is complete: nothing will be undone.
  void commit() noexcept { steps_.clear(); }

 private:
  void run() noexcept;

  OnFailure on_failure_;
  std::vector<std::pair<std::string, std::function<void()>>> steps_;
};

}  // namespace vmtool::util
