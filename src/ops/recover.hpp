#pragma once
// What killed runs left behind.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "util/reporter.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

enum class RecoveryEnd {
  finished,  ///< it was complete: only its journal was left
  undone,    ///< nothing of it is left
  failed,    ///< see the problem; it can be tried again
  running,   ///< its process lives: left alone
};
/// "finished", "undone", "failed", "running".
const char* to_text(RecoveryEnd end) noexcept;

struct Recovery {
  std::string operation;  ///< "clone"
  std::string subject;
  RecoveryEnd end = RecoveryEnd::undone;
  std::vector<std::string> undone;  ///< "volume 'web2-root.qcow2'" …
  std::string problem;
};

/// Finishes or undoes every operation whose process is gone. `connect` opens the connection that an operation used.
/// With `look`, says what would be done and changes nothing.
enum class Recover { look, act };
std::vector<Recovery> recover(const std::filesystem::path& state_dir,
                              const std::function<virt::Connection(const std::string& uri)>& connect, Recover how);

}  // namespace vmtool::ops
