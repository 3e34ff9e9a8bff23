// The writing half of Ext4Fs.
#include <array>
#include <ctime>

#include <fmt/format.h>

#include "identity/directory_labels.hpp"
#include "identity/ext4_filesystem.hpp"
#include "util/error.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

// Content that lies in the inode itself. False where it does not fit there: it must then get blocks, by the ordinary
// way, which can make such a file longer but not shorter.
bool write_inline(ext2_filsys fs, Inode number, std::string_view content) {
  std::string copy(content);
  // Nothing of the old content may stay behind the end of the new one.
  std::array<char, sizeof(ext2_inode::i_block)> zeros{};
  require_ext(ext2fs_inline_data_init(fs, number), "emptying a file");
  require_ext(ext2fs_inline_data_set(fs, number, nullptr, zeros.data(), zeros.size()), "emptying a file");
  const errcode_t code = ext2fs_inline_data_set(fs, number, nullptr, copy.data(), copy.size());
  if (code == EXT2_ET_INLINE_DATA_NO_SPACE) return false;
  require_ext(code, "writing a file");
  ext2_inode inode{};
  require_ext(ext2fs_read_inode(fs, number, &inode), "writing a file");
  require_ext(ext2fs_inode_size_set(fs, &inode, static_cast<ext2_off64_t>(copy.size())), "writing a file");
  require_ext(ext2fs_write_inode(fs, number, &inode), "writing a file");
  return true;
}

void write_content(ext2_filsys fs, Inode number, ext2_inode inode, std::string_view content) {
  if ((inode.i_flags & EXT4_INLINE_DATA_FL) != 0) {
    if (write_inline(fs, number, content)) return;
    require_ext(ext2fs_read_inode(fs, number, &inode), "reading an inode");
  }
  ext2_file_t file = nullptr;
  require_ext(ext2fs_file_open2(fs, number, &inode, EXT2_FILE_WRITE, &file), "opening a file to write");
  errcode_t code = 0;
  std::string_view rest = content;
  while (code == 0 && !rest.empty()) {
    unsigned int put = 0;
    code = ext2fs_file_write(file, rest.data(), static_cast<unsigned int>(rest.size()), &put);
    rest.remove_prefix(put);
  }
  if (code == 0) code = ext2fs_file_set_size2(file, static_cast<ext2_off64_t>(content.size()));
  const errcode_t closed = ext2fs_file_close(file);
  require_ext(code, "writing a file");
  require_ext(closed, "writing a file");
}

class XattrHandle {
 public:
  XattrHandle(ext2_filsys fs, Inode inode) : readable_(ext2fs_xattrs_open(fs, inode, &handle_) == 0) {
    if (readable_) require_ext(ext2fs_xattrs_read(handle_), "reading extended attributes");
  }
  XattrHandle(const XattrHandle&) = delete;
  XattrHandle& operator=(const XattrHandle&) = delete;
  ~XattrHandle() {
    if (readable_) ext2fs_xattrs_close(&handle_);
  }
  ext2_xattr_handle* get() const { return readable_ ? handle_ : nullptr; }

 private:
  ext2_xattr_handle* handle_ = nullptr;
  bool readable_;  // false: the filesystem has no extended attributes
};

// Frees what an inode without a name holds.
void release(ext2_filsys fs, Inode number, ext2_inode inode, bool is_directory) {
  require_ext(ext2fs_free_ext_attr(fs, number, nullptr), "freeing extended attributes");
  require_ext(ext2fs_read_inode(fs, number, &inode), "reading a removed inode");
  inode.i_links_count = 0;
  inode.i_dtime = static_cast<std::uint32_t>(std::time(nullptr));
  if (ext2fs_inode_has_valid_blocks2(fs, &inode) != 0) {
    require_ext(ext2fs_punch(fs, number, &inode, nullptr, 0, ~0ULL), "freeing the blocks of a file");
  }
  require_ext(ext2fs_write_inode(fs, number, &inode), "writing a removed inode");
  ext2fs_inode_alloc_stats2(fs, number, -1, is_directory ? 1 : 0);
}

}  // namespace

void Ext4Fs::overwrite(Inode number, std::string_view content) {
  const ext2_inode inode = fs_->inode(number);
  if (!LINUX_S_ISREG(inode.i_mode)) throw Error(Errc::conflict, "not a regular file");
  if ((inode.i_flags & EXT4_ENCRYPT_FL) != 0) throw Error(Errc::conflict, "the file is encrypted");
  if ((inode.i_flags & EXT4_VERITY_FL) != 0) throw Error(Errc::conflict, "the file is protected by fs-verity");
  write_content(fs_->get(), number, inode, content);
  fs_->touch(number);
}

Inode Ext4Fs::make_file(Inode directory, const std::string& name, std::string_view content, const Ownership& owner) {
  fs_->require_plain_directory(directory);
  ext2_filsys fs = fs_->get();
  ext2_ino_t number = 0;
  require_ext(ext2fs_new_inode(fs, directory, static_cast<int>(LINUX_S_IFREG | owner.mode), nullptr, &number),
              "allocating an inode");
  ext2fs_inode_alloc_stats2(fs, number, +1, 0);
  ext2_inode inode{};
  inode.i_mode = static_cast<std::uint16_t>(LINUX_S_IFREG | owner.mode);
  inode.i_uid = static_cast<std::uint16_t>(owner.uid);
  ext2fs_set_i_uid_high(inode, static_cast<std::uint16_t>(owner.uid >> 16));
  inode.i_gid = static_cast<std::uint16_t>(owner.gid);
  ext2fs_set_i_gid_high(inode, static_cast<std::uint16_t>(owner.gid >> 16));
  inode.i_links_count = 1;
  inode.i_atime = inode.i_ctime = inode.i_mtime = static_cast<std::uint32_t>(std::time(nullptr));
  const bool inline_data = ext2fs_has_feature_inline_data(fs->super) != 0;
  if (inline_data) inode.i_flags |= EXT4_INLINE_DATA_FL;
  require_ext(ext2fs_write_new_inode(fs, number, &inode), "writing a new inode");
  if (inline_data) {
    require_ext(ext2fs_inline_data_init(fs, number), "preparing a new file");
  } else if (ext2fs_has_feature_extents(fs->super) != 0) {
    // Opening the extent tree of an inode without blocks makes its header.
    ext2_extent_handle_t extents = nullptr;
    require_ext(ext2fs_extent_open2(fs, number, &inode, &extents), "preparing a new file");
    ext2fs_extent_free(extents);
    fs_->write_inode(number, inode);
  }
  if (const auto parent_label = label(directory)) set_label(number, *parent_label);
  write_content(fs, number, fs_->inode(number), content);
  fs_->link(directory, name, number, EXT2_FT_REG_FILE);
  return number;
}

Inode Ext4Fs::make_symlink(Inode directory, const std::string& name, const std::string& target) {
  fs_->require_plain_directory(directory);
  ext2_filsys fs = fs_->get();
  errcode_t made = ext2fs_symlink(fs, directory, 0, name.c_str(), target.c_str());
  if (made == EXT2_ET_DIR_NO_SPACE) {
    require_ext(ext2fs_expand_dir(fs, directory), "growing a directory");
    made = ext2fs_symlink(fs, directory, 0, name.c_str(), target.c_str());
  }
  require_ext(made, fmt::format("making the symbolic link '{}'", name));
  fs_->touch(directory);
  return lookup(directory, name).value();
}

void Ext4Fs::remove(Inode directory, const std::string& name) {
  fs_->require_plain_directory(directory);
  ext2_filsys fs = fs_->get();
  const std::optional<Inode> number = lookup(directory, name);
  if (!number) throw Error(Errc::not_found, fmt::format("'{}' is not in the directory", name));
  const bool is_directory = attributes(*number).kind == Kind::directory;
  if (is_directory && !list(*number).empty()) throw Error(Errc::conflict, fmt::format("'{}' is not empty", name));
  require_ext(ext2fs_unlink(fs, directory, name.c_str(), *number, 0), fmt::format("removing '{}'", name));
  fs_->touch(directory);
  ext2_inode inode = fs_->inode(*number);
  if (!is_directory && inode.i_links_count > 1) {
    --inode.i_links_count;
    inode.i_ctime = static_cast<std::uint32_t>(std::time(nullptr));
    fs_->write_inode(*number, inode);
    return;
  }
  release(fs, *number, inode, is_directory);
  if (!is_directory) return;
  ext2_inode parent = fs_->inode(directory);
  // 1 means "too many to count" (dir_nlink).
  if (parent.i_links_count > 1) --parent.i_links_count;
  fs_->write_inode(directory, parent);
}

std::optional<std::string> Ext4Fs::label(Inode number) {
  const XattrHandle attributes(fs_->get(), number);
  if (attributes.get() == nullptr) return std::nullopt;
  void* value = nullptr;
  std::size_t length = 0;
  const errcode_t code = ext2fs_xattr_get(attributes.get(), label_attribute, &value, &length);
  if (code == EXT2_ET_EA_KEY_NOT_FOUND) return std::nullopt;
  require_ext(code, "reading the label of a file");
  std::string found(static_cast<const char*>(value), length);
  ext2fs_free_mem(&value);
  return found;
}

void Ext4Fs::set_label(Inode number, const std::string& label) {
  const XattrHandle attributes(fs_->get(), number);
  if (attributes.get() == nullptr) throw Error(Errc::conflict, "the filesystem has no extended attributes");
  require_ext(ext2fs_xattr_set(attributes.get(), label_attribute, label.data(), label.size()), "labelling a file");
}

}  // namespace vmtool::identity
