#pragma once
// A directory of a test's own, removed with everything in it.

#include <filesystem>
#include <string>
#include <string_view>

namespace vmtool::tests {

class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  const std::filesystem::path& path() const noexcept { return path_; }
  /// Writes a file below it and returns its path.
  std::filesystem::path write(const std::string& name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

}  // namespace vmtool::tests
