#pragma once
// XFS of version 5: everything is read, and files whose blocks are there already are written in place. What needs an
// allocation is the business of a kernel.

#include <map>
#include <vector>

#include "identity/guest_fs.hpp"
#include "identity/xfs_inode.hpp"

namespace vmtool::identity {

class XfsFs final : public GuestFs {
 public:
  /// Throws as XfsLayout. The volume must outlive the object.
  explicit XfsFs(StagedVolume& volume);

  /// Whether nothing in the log waits to be replayed (xfs_log.hpp): else it must not be written to.
  bool is_clean() const;

  Inode root() const override { return 0; }
  std::optional<Inode> lookup(Inode directory, const std::string& name) override;
  Attributes attributes(Inode inode) override;
  std::string read(Inode inode, std::size_t limit) override;
  std::vector<std::string> list(Inode directory) override;
  /// Throws NotInPlace where the content needs more blocks than the file has, or they belong to other files as well.
  void overwrite(Inode inode, std::string_view content) override;
  /// These three throw NotInPlace.
  Inode make_file(Inode directory, const std::string& name, std::string_view content, const Ownership& owner) override;
  Inode make_symlink(Inode directory, const std::string& name, const std::string& target) override;
  void remove(Inode directory, const std::string& name) override;
  /// Only links that are made anew take a label, and none is made.
  std::optional<std::string> label(Inode) override { return std::nullopt; }
  void set_label(Inode, const std::string&) override {}
  void finish() override {}

 private:
  XfsInode at(Inode inode) const { return read_inode(layout_, numbers_.at(inode)); }
  Inode known(std::uint64_t number);
  std::string read_link(const XfsInode& link) const;

  XfsLayout layout_;
  std::vector<std::uint64_t> numbers_;  ///< XFS's own, by Inode
  std::map<std::uint64_t, Inode> inodes_;
};

}  // namespace vmtool::identity
