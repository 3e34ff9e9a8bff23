#pragma once
// A file that appears under its name only when it is complete.

#include <filesystem>
#include <string>

#include "util/fd.hpp"

namespace vmtool::storage {

/// Makes a hidden file of mode 0600 beside `target`; the destructor removes it unless commit() was called.
class PendingFile {
 public:
  /// Throws SysError, and Error{conflict} where `target` exists already.
  explicit PendingFile(std::filesystem::path target);
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;
  ~PendingFile();

  int descriptor() const noexcept { return file_.get(); }
  const std::filesystem::path& path() const noexcept { return path_; }
  /// Gives it its name. Throws Error{conflict} where that was taken meanwhile, SysError.
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path path_;
  util::Fd file_;
};

}  // namespace vmtool::storage
