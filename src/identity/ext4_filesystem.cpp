#include "identity/ext4_filesystem.hpp"

#include <ctime>

#include <fmt/format.h>

#include "identity/volume_io.hpp"
#include "util/error.hpp"

namespace vmtool::identity {

using util::Errc;
using util::Error;

void require_ext(errcode_t code, const std::string& what) {
  if (code != 0) throw Error(Errc::io, fmt::format("{}: {}", what, error_message(code)));
}

Ext4Fs::Filesystem::Filesystem(StagedVolume& volume, Access access) {
  initialize_ext2_error_table();
  const std::string name = volume_io_name(volume);
  // The image lock says that the disk is ours, so multi-mount protection has nothing to add.
  int flags = EXT2_FLAG_64BITS | EXT2_FLAG_SKIP_MMP;
  if (access == Access::edit) flags |= EXT2_FLAG_RW;
  const errcode_t opened = ext2fs_open2(name.c_str(), nullptr, flags, 0, 0, volume_io_manager(), &fs_);
  if (opened != 0) {
    throw Error(Errc::invalid_input, fmt::format("the ext filesystem can't be opened: {}", error_message(opened)));
  }
  // Like the kernel, leave the backup superblocks alone.
  fs_->flags |= EXT2_FLAG_MASTER_SB_ONLY;
}

ext2_inode Ext4Fs::Filesystem::inode(Inode number) const {
  ext2_inode read{};
  require_ext(ext2fs_read_inode(fs_, number, &read), fmt::format("reading inode {}", number));
  return read;
}

void Ext4Fs::Filesystem::write_inode(Inode number, const ext2_inode& inode) const {
  ext2_inode copy = inode;
  require_ext(ext2fs_write_inode(fs_, number, &copy), fmt::format("writing inode {}", number));
}

void Ext4Fs::Filesystem::touch(Inode number) const {
  ext2_inode changed = inode(number);
  changed.i_mtime = changed.i_ctime = static_cast<std::uint32_t>(std::time(nullptr));
  write_inode(number, changed);
}

void Ext4Fs::Filesystem::link(Inode directory, const std::string& name, Inode target, int type) const {
  errcode_t linked = ext2fs_link(fs_, directory, name.c_str(), target, type);
  if (linked == EXT2_ET_DIR_NO_SPACE) {
    require_ext(ext2fs_expand_dir(fs_, directory), "growing a directory");
    linked = ext2fs_link(fs_, directory, name.c_str(), target, type);
  }
  require_ext(linked, fmt::format("adding '{}' to a directory", name));
  touch(directory);
}

void Ext4Fs::Filesystem::require_plain_directory(Inode directory) const {
  const ext2_inode found = inode(directory);
  if (!LINUX_S_ISDIR(found.i_mode)) throw Error(Errc::conflict, "a file is where a directory is expected");
  if ((found.i_flags & EXT4_ENCRYPT_FL) != 0) throw Error(Errc::conflict, "the directory is encrypted");
  if ((found.i_flags & EXT4_CASEFOLD_FL) != 0) throw Error(Errc::conflict, "the directory folds the case of names");
}

}  // namespace vmtool::identity
