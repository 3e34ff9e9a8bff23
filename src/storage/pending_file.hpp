#pragma once
// A file that appears under its name only when it is complete.

#include <filesystem>
#include <string>

#include "util/fd.hpp"

namespace vmtool::storage {

/// Makes a file of mode 0600 for `target`; the destructor removes it unless commit() was called.
class PendingFile {
 public:
  /// Whether other programs need a path to it meanwhile, beside `target` and hidden. A file without a name is gone with
  /// its process; where the file system knows no such files it is a hidden one all the same.
  enum class Name { hidden, none };
  /// Throws SysError, and Error{conflict} where `target` exists already.
  explicit PendingFile(std::filesystem::path target, Name name = Name::hidden);
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;
  ~PendingFile();

  int descriptor() const noexcept { return file_.get(); }
  /// Empty for a file without a name.
  const std::filesystem::path& path() const noexcept { return path_; }
  /// Gives it its name. Throws Error{conflict} where that was taken meanwhile, SysError.
  void commit();

 private:
  bool link_target() const;

  std::filesystem::path target_;
  std::filesystem::path path_;
  util::Fd file_;
};

}  // namespace vmtool::storage
