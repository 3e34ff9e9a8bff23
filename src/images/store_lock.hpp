#pragma once
// Who may use the store at the same time: many that read and add, or one that removes.

#include <filesystem>
#include <optional>
#include <utility>

#include "util/fd.hpp"

namespace vmtool::images {

/// A lock of flock(2), held until the object ends; a process that dies loses it.
class StoreLock {
 public:
  enum class Kind { shared, exclusive };

  /// Waits for it. The file is made where it is missing. Throws SysError.
  StoreLock(const std::filesystem::path& file, Kind kind);
  /// The exclusive one, where nobody holds any. Throws SysError.
  static std::optional<StoreLock> try_exclusive(const std::filesystem::path& file);

 private:
  explicit StoreLock(util::Fd file) noexcept : file_(std::move(file)) {}
  util::Fd file_;
};

}  // namespace vmtool::images
