#pragma once
// ext2, ext3 and ext4 through libext2fs, on a staged volume; no mount, no root, no device.

#include <memory>

#include "identity/guest_fs.hpp"
#include "identity/staged_volume.hpp"

namespace vmtool::identity {

/// What the superblock says that decides how (and whether) the filesystem may be edited.
struct Ext4State {
  bool needs_recovery = false;  ///< the journal holds transactions, or orphan files wait for their end
  bool has_errors = false;      ///< the kernel noted errors
  bool is_unclean = false;      ///< without a journal: not unmounted in order
  bool has_quota = false;       ///< usage is kept in hidden files that libext2fs does not update
  bool has_outer_journal = false;
};

class Ext4Fs final : public GuestFs {
 public:
  /// inspect: only reads, also a filesystem whose journal is dirty. edit: loads the bitmaps too, and refuses what
  /// state() shows to be unsafe with Error{conflict}.
  enum class Access { inspect, edit };

  /// Throws Error{invalid_input} with libext2fs's words where it is no ext filesystem, is damaged, or has features
  /// that this libext2fs does not know.
  Ext4Fs(StagedVolume& volume, Access access);
  Ext4Fs(const Ext4Fs&) = delete;
  Ext4Fs& operator=(const Ext4Fs&) = delete;
  ~Ext4Fs() override;

  Ext4State state() const;

  Inode root() const override;
  std::optional<Inode> lookup(Inode directory, const std::string& name) override;
  Attributes attributes(Inode inode) override;
  std::string read(Inode inode, std::size_t limit) override;
  std::vector<std::string> list(Inode directory) override;
  void overwrite(Inode inode, std::string_view content) override;
  Inode make_file(Inode directory, const std::string& name, std::string_view content, const Ownership& owner) override;
  Inode make_symlink(Inode directory, const std::string& name, const std::string& target) override;
  void remove(Inode directory, const std::string& name) override;
  std::optional<std::string> label(Inode inode) override;
  void set_label(Inode inode, const std::string& label) override;
  void finish() override;

 private:
  class Filesystem;
  std::unique_ptr<Filesystem> fs_;
};

}  // namespace vmtool::identity
