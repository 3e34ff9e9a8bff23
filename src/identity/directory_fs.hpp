#pragma once
// A directory of the host as a guest's filesystem: the root or the upper layer of a container.

#include <map>

#include "identity/guest_fs.hpp"
#include "util/dir_fd.hpp"

namespace vmtool::identity {

/// Every name is opened anew below the directory and no symbolic link is ever followed by the kernel, so that whoever
/// changes the tree meanwhile leads nowhere. Changes are staged: new content lies in files of its own beside the old one
/// (".vmtool-new-N"), with its owner, mode and extended attributes, and is seen by this object only. finish() renames them into
/// place, one after the other; what fails before leaves the tree as it was.
class DirectoryFs final : public GuestFs {
 public:
  explicit DirectoryFs(util::DirFd directory);
  DirectoryFs(const DirectoryFs&) = delete;
  DirectoryFs& operator=(const DirectoryFs&) = delete;
  /// Removes what was staged and not finished.
  ~DirectoryFs() override;

  Inode root() const override { return 0; }
  std::optional<Inode> lookup(Inode directory, const std::string& name) override;
  Attributes attributes(Inode inode) override;
  std::string read(Inode inode, std::size_t limit) override;
  std::vector<std::string> list(Inode directory) override;
  void overwrite(Inode inode, std::string_view content) override;
  Inode make_file(Inode directory, const std::string& name, std::string_view content, const Ownership& owner) override;
  Inode make_symlink(Inode directory, const std::string& name, const std::string& target) override;
  void remove(Inode directory, const std::string& name) override;
  std::optional<std::string> label(Inode inode) override;
  /// Does nothing to a symbolic link, which can't be opened: the running kernel labels it.
  void set_label(Inode inode, const std::string& label) override;
  /// Everything is in place and on stable storage then. After a throw a part of it may be.
  void finish() override;

 private:
  Inode number_of(const std::string& path);
  std::string child(Inode directory, const std::string& name) const;
  /// Where the content of a path is now.
  const std::string& place_of(const std::string& path) const;
  std::string new_place(const std::string& path);
  void stage(const std::string& path, std::string place);
  void forget(const std::string& path) noexcept;
  void unlink(const std::string& path, int flags) const;

  util::DirFd directory_;
  std::vector<std::string> paths_;  ///< by Inode, relative to the directory
  std::map<std::string, Inode> numbers_;
  std::map<std::string, std::string> staged_;  ///< path to where its new content lies; empty: it is removed
  std::vector<std::string> order_;             ///< of the staged paths
  unsigned next_ = 0;
};

}  // namespace vmtool::identity
