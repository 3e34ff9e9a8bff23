#pragma once
// A lock between processes: many that share something, or one that has it alone.

#include <filesystem>
#include <optional>
#include <utility>

#include "util/fd.hpp"

namespace vmtool::util {

/// A lock of flock(2), held until the object ends; a process that dies loses it.
class FileLock {
 public:
  enum class Kind { shared, exclusive };

  /// Waits for it. The file is made where it is missing. Throws SysError.
  FileLock(const std::filesystem::path& file, Kind kind);
  /// The exclusive one, where nobody holds any. Throws SysError.
  static std::optional<FileLock> try_exclusive(const std::filesystem::path& file);

 private:
  explicit FileLock(Fd file) noexcept : file_(std::move(file)) {}
  Fd file_;
};

}  // namespace vmtool::util
