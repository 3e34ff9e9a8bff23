#pragma once
// A directory that only this user can enter, gone with the object.

#include <filesystem>

namespace vmtool::identity {

class PrivateDir {
 public:
  /// Below $XDG_RUNTIME_DIR, /run or the temporary directory, whichever can be written to first. Throws SysError.
  PrivateDir();
  PrivateDir(const PrivateDir&) = delete;
  PrivateDir& operator=(const PrivateDir&) = delete;
  ~PrivateDir();

  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace vmtool::identity
