#pragma once
// What a room tells the user while it works; only the cli decides how it looks.

#include <cstdint>
#include <string_view>

namespace vmtool::util {

/// Handed in to operations. The defaults say nothing.
class Reporter {
 public:
  virtual ~Reporter() = default;
  /// Something the user should know, e.g. "falling back to software emulation".
  virtual void warn(std::string_view) {}
  /// A step that was done, e.g. "created volume 'db01-root.qcow2'".
  virtual void info(std::string_view) {}
  /// Progress of a long step in bytes; called often, with done == total at the end.
  virtual void progress(std::string_view, std::uint64_t /*done*/, std::uint64_t /*total*/) {}
};

}  // namespace vmtool::util
