#pragma once
// A directory in the store's tmp/.

#include <filesystem>

#include "images/store_files.hpp"

namespace vmtool::images {

/// Removed with all that is in it, as the helper program does. The store must be held.
class TemporaryDirectory {
 public:
  /// Throws SysError.
  explicit TemporaryDirectory(const StoreFiles& files);
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();

  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace vmtool::images
