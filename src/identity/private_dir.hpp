#pragma once
// A directory that only this user can enter, gone with the object.

#include <filesystem>

#include "util/fd.hpp"

namespace vmtool::identity {

class PrivateDir {
 public:
  /// Below $XDG_RUNTIME_DIR, /run or the temporary directory, whichever can be written to first. Removes there what
  /// earlier ones have left whose process was killed. Throws SysError.
  PrivateDir();
  PrivateDir(const PrivateDir&) = delete;
  PrivateDir& operator=(const PrivateDir&) = delete;
  ~PrivateDir();

  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
  util::Fd lock_;  ///< held locked as long as the directory is in use
};

/// Removes the private directories below `place` that are older than a minute and whose owner is gone.
void remove_abandoned_dirs(const std::filesystem::path& place);

}  // namespace vmtool::identity
