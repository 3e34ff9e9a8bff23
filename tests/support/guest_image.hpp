#pragma once
// Small disks with a Debian-like system on ext filesystems, and independent readers of them.

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/temp_dir.hpp"
#include "util/command.hpp"

namespace vmtool::tests {

inline constexpr std::uint64_t mib = std::uint64_t{1} << 20;
inline constexpr const char* old_machine_id = "0123456789abcdef0123456789abcdef";

/// A directory that looks like the root of an installed system: machine-id twice, host keys, leases, fstab …
class GuestFiles {
 public:
  GuestFiles();
  const std::filesystem::path& path() const { return directory_.path(); }
  void write(const std::string& path, std::string_view content) const { directory_.write(path, content); }
  void link(const std::string& path, const std::string& target) const;
  void remove(const std::string& path) const { std::filesystem::remove_all(path_of(path)); }
  std::filesystem::path path_of(const std::string& path) const { return directory_.path() / path; }

 private:
  TempDir directory_;
};

/// Makes an ext filesystem of the tree at `offset` bytes of `disk`, `size_mib` large; the disk grows as needed.
void make_ext(const std::filesystem::path& disk, const GuestFiles& files, const std::vector<std::string>& mke2fs_args,
              std::uint64_t size_mib = 24, std::uint64_t offset = 0);

/// Writes a partition table by sfdisk's own script language; the disk must exist.
void partition(const std::filesystem::path& disk, const std::string& script);

/// e2fsck -fn of the filesystem at `offset`; empty where it is clean, else what e2fsck says.
std::string fsck(const std::filesystem::path& disk, std::uint64_t offset = 0);

/// What debugfs answers to a request on the filesystem at `offset`.
std::string debugfs(const std::filesystem::path& disk, const std::string& request, std::uint64_t offset = 0);

/// Runs debugfs requests that change the filesystem.
void debugfs_write(const std::filesystem::path& disk, const std::string& requests, std::uint64_t offset = 0);

/// The content of a guest's file, by debugfs.
std::string guest_file(const std::filesystem::path& disk, const std::string& path, std::uint64_t offset = 0);

/// Whether the guest has something at a path, by debugfs.
bool guest_has(const std::filesystem::path& disk, const std::string& path, std::uint64_t offset = 0);

/// The sha256 of a file of the host.
std::string digest(const std::filesystem::path& path);

}  // namespace vmtool::tests
