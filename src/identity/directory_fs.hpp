#pragma once
// A directory of the host as a guest's filesystem: the root or the upper layer of a container.

#include <map>

#include "identity/guest_fs.hpp"
#include "util/dir_fd.hpp"

namespace vmtool::identity {

/// Every name is opened anew below the directory and no symbolic link is ever followed by the kernel, so that whoever
/// changes the tree meanwhile leads nowhere. Changes are made at once; there is nothing to commit.
class DirectoryFs final : public GuestFs {
 public:
  explicit DirectoryFs(util::DirFd directory);

  Inode root() const override { return 0; }
  std::optional<Inode> lookup(Inode directory, const std::string& name) override;
  Attributes attributes(Inode inode) override;
  std::string read(Inode inode, std::size_t limit) override;
  std::vector<std::string> list(Inode directory) override;
  void overwrite(Inode inode, std::string_view content) override;
  Inode make_file(Inode directory, const std::string& name, std::string_view content, const Ownership& owner) override;
  Inode make_symlink(Inode directory, const std::string& name, const std::string& target) override;
  void remove(Inode directory, const std::string& name) override;
  /// Absent: the running kernel labels what is made here.
  std::optional<std::string> label(Inode) override { return std::nullopt; }
  void set_label(Inode, const std::string&) override {}
  /// Everything is on stable storage then.
  void finish() override;

 private:
  Inode number_of(const std::string& path);
  std::string child(Inode directory, const std::string& name) const;

  util::DirFd directory_;
  std::vector<std::string> paths_;  ///< by Inode, relative to the directory
  std::map<std::string, Inode> numbers_;
};

}  // namespace vmtool::identity
