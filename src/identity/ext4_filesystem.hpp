#pragma once
// The libext2fs handle behind Ext4Fs, shared by its reading and its writing half.

#include <ext2fs/ext2fs.h>

#include <string>

#include "identity/ext4_fs.hpp"

namespace vmtool::identity {

/// Throws Error{io}: "<what>: <libext2fs's words>".
void require_ext(errcode_t code, const std::string& what);

class Ext4Fs::Filesystem {
 public:
  Filesystem(StagedVolume& volume, Access access);
  Filesystem(const Filesystem&) = delete;
  Filesystem& operator=(const Filesystem&) = delete;
  /// Forgets what was not written by finish().
  ~Filesystem() { ext2fs_free(fs_); }

  ext2_filsys get() const noexcept { return fs_; }
  ext2_inode inode(Inode number) const;
  void write_inode(Inode number, const ext2_inode& inode) const;
  /// Sets the times of change, of the inode as it is now on the volume: entries of an inline directory live in the
  /// inode, so that a copy from before a link or unlink would bring the old entries back.
  void touch(Inode number) const;
  /// Puts a name into a directory, which grows where it must.
  void link(Inode directory, const std::string& name, Inode target, int type) const;
  /// Throws Error{conflict} for a directory whose names can't be changed from outside (encrypted, case-folded).
  void require_plain_directory(Inode directory) const;

 private:
  ext2_filsys fs_ = nullptr;
};

}  // namespace vmtool::identity
