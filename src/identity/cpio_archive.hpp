#pragma once
// An initramfs: a cpio archive in the "newc" format (Documentation/driver-api/early-userspace/buffer-format.rst of Linux).

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace vmtool::identity {

class CpioArchive {
 public:
  /// A regular file; the directories above it are added where they are missing. The path is absolute.
  void add_file(const std::string& path, std::string_view content, std::uint32_t mode = 0644);
  void add_directory(const std::string& path);
  /// The archive with its end.
  std::string finish() &&;

 private:
  void add(const std::string& path, std::string_view content, std::uint32_t mode);

  std::string bytes_;
  std::set<std::string> directories_;
  std::uint32_t next_ = 1;
};

}  // namespace vmtool::identity
