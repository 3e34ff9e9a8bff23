#pragma once
// XFS filesystems made of a tree, without mounting anything.

#include <fcntl.h>

#include <fstream>

#include "tests/support/guest_image.hpp"
#include "util/file.hpp"

namespace vmtool::tests {

inline constexpr std::uint64_t xfs_image_size = std::uint64_t{320} << 20;  // mkfs.xfs makes nothing smaller

// mkfs.xfs takes a tree as a list: "name -<u><g><mode> uid gid [file | target]", "$" ends a directory.
inline void list_tree(const std::filesystem::path& directory, std::ofstream& out) {
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    if (entry.is_symlink()) {
      out << name << " l--777 0 0 " << std::filesystem::read_symlink(entry.path()).native() << "\n";
    } else if (entry.is_directory()) {
      out << name << " d--755 0 0\n";
      list_tree(entry.path(), out);
      out << "$\n";
    } else {
      out << name << " ---" << (name == "machine-id" ? "444" : "600") << " 0 0 " << entry.path().native() << "\n";
    }
  }
}

/// Makes an XFS filesystem of the tree in a new file; `options` are further ones of mkfs.xfs.
inline void make_xfs(const std::filesystem::path& file, const std::filesystem::path& tree,
                     const std::vector<std::string>& options = {}) {
  const TempDir directory;
  const auto prototype = directory.path() / "prototype";
  std::ofstream list(prototype);
  list << "/none\n0 0\nd--755 0 0\n";
  list_tree(tree, list);
  list << "$\n";
  list.close();
  util::open_file(file, O_RDWR | O_CREAT, 0600);
  std::filesystem::resize_file(file, xfs_image_size);
  util::Command command{{"mkfs.xfs", "-q", "-f", "-p", prototype.native()}};
  command.args.insert(command.args.end(), options.begin(), options.end());
  command.args.push_back(file.native());
  util::run_checked(command);
}

}  // namespace vmtool::tests
