#pragma once
// A folder for what a build makes on its way.

#include <filesystem>

namespace vmtool::images {

/// Made below $TMPDIR, else /var/tmp (an image is too large for a /tmp in memory), and removed with all that is in it.
/// Others may pass through it, not list it: a build without root writes from inside a user namespace.
class WorkFolder {
 public:
  /// Throws SysError.
  WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder();

  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace vmtool::images
