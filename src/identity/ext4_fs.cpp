#include "identity/ext4_fs.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "identity/ext4_filesystem.hpp"
#include "util/error.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr std::size_t most_ext_names = 100'000;

Kind kind_of(const ext2_inode& inode) {
  if (LINUX_S_ISREG(inode.i_mode)) return Kind::file;
  if (LINUX_S_ISDIR(inode.i_mode)) return Kind::directory;
  if (LINUX_S_ISLNK(inode.i_mode)) return Kind::symlink;
  return Kind::other;
}

int collect_name(ext2_ino_t, int, ext2_dir_entry* entry, int, int, char*, void* into) {
  const std::string_view name(entry->name, static_cast<std::size_t>(ext2fs_dirent_name_len(entry)));
  auto& names = *static_cast<std::vector<std::string>*>(into);
  // A name that no kernel could make is a trap in a hostile image.
  const bool possible = !name.empty() && name.find('/') == name.npos && name.find('\0') == name.npos;
  if (possible && name != "." && name != "..") names.emplace_back(name);
  return names.size() < most_ext_names ? 0 : DIRENT_ABORT;
}

class OpenFile {
 public:
  OpenFile(ext2_filsys fs, Inode inode) { require_ext(ext2fs_file_open(fs, inode, 0, &file_), "opening a file"); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() { ext2fs_file_close(file_); }
  ext2_file_t get() const { return file_; }

 private:
  ext2_file_t file_ = nullptr;
};

void require_safe_to_edit(const Ext4State& state) {
  if (state.needs_recovery) throw Error(Errc::conflict, "the journal of the filesystem has not been replayed");
  if (state.has_errors)
    throw Error(Errc::conflict, "the filesystem is marked as having errors")
        .hint("run e2fsck in the guest, or on its disk, first");
  if (state.is_unclean)
    throw Error(Errc::conflict, "the filesystem was not unmounted in order").hint("run e2fsck on it first");
  if (state.has_outer_journal) throw Error(Errc::conflict, "the journal of the filesystem lies on another device");
}

}  // namespace

Ext4Fs::Ext4Fs(StagedVolume& volume, Access access) : fs_(std::make_unique<Filesystem>(volume, access)) {
  if (access == Access::inspect) return;
  require_safe_to_edit(state());
  require_ext(ext2fs_read_bitmaps(fs_->get()), "reading the allocation bitmaps");
}

Ext4Fs::~Ext4Fs() = default;

Ext4State Ext4Fs::state() const {
  ext2_super_block* super = fs_->get()->super;
  const bool has_journal = ext2fs_has_feature_journal(super) != 0;
  return {
      .needs_recovery = ext2fs_has_feature_journal_needs_recovery(super) != 0 || super->s_last_orphan != 0 ||
                        ext2fs_has_feature_orphan_present(super) != 0,
      .has_errors = (super->s_state & EXT2_ERROR_FS) != 0,
      .is_unclean = !has_journal && (super->s_state & EXT2_VALID_FS) == 0,
      .has_quota = ext2fs_has_feature_quota(super) != 0 || ext2fs_has_feature_project(super) != 0,
      .has_outer_journal = has_journal && super->s_journal_inum == 0,
  };
}

Inode Ext4Fs::root() const { return EXT2_ROOT_INO; }

std::optional<Inode> Ext4Fs::lookup(Inode directory, const std::string& name) {
  if (name.size() > EXT2_NAME_LEN || attributes(directory).kind != Kind::directory) return std::nullopt;
  ext2_ino_t found = 0;
  const errcode_t code =
      ext2fs_lookup(fs_->get(), directory, name.data(), static_cast<int>(name.size()), nullptr, &found);
  if (code == EXT2_ET_FILE_NOT_FOUND) return std::nullopt;
  require_ext(code, fmt::format("looking '{}' up", name));
  return found;
}

Attributes Ext4Fs::attributes(Inode number) {
  const ext2_inode inode = fs_->inode(number);
  if (inode.i_links_count == 0) throw Error(Errc::io, fmt::format("inode {} is named, but not in use", number));
  return {.kind = kind_of(inode),
          .size = EXT2_I_SIZE(&inode),
          .owner = {.mode = inode.i_mode & 07777U, .uid = inode_uid(inode), .gid = inode_gid(inode)}};
}

std::string Ext4Fs::read(Inode number, std::size_t limit) {
  ext2_inode inode = fs_->inode(number);
  const std::uint64_t size = EXT2_I_SIZE(&inode);
  if (size > limit) throw Error(Errc::invalid_input, fmt::format("a file of {} bytes is larger than {}", size, limit));
  if ((inode.i_flags & EXT4_ENCRYPT_FL) != 0) throw Error(Errc::conflict, "the file is encrypted");
  if (ext2fs_is_fast_symlink(&inode) != 0) {
    const std::size_t length = std::min<std::size_t>(size, sizeof inode.i_block);
    return std::string(reinterpret_cast<const char*>(inode.i_block), length);
  }
  const OpenFile file(fs_->get(), number);
  std::string content(static_cast<std::size_t>(size), '\0');
  std::size_t filled = 0;
  while (filled < content.size()) {
    unsigned int got = 0;
    require_ext(
        ext2fs_file_read(file.get(), content.data() + filled, static_cast<unsigned int>(content.size() - filled), &got),
        "reading a file");
    if (got == 0) break;
    filled += got;
  }
  content.resize(filled);
  return content;
}

std::vector<std::string> Ext4Fs::list(Inode directory) {
  std::vector<std::string> names;
  require_ext(ext2fs_dir_iterate2(fs_->get(), directory, 0, nullptr, collect_name, &names), "listing a directory");
  return names;
}

void Ext4Fs::finish() {
  require_ext(ext2fs_write_bitmaps(fs_->get()), "writing the allocation bitmaps");
  require_ext(ext2fs_flush2(fs_->get(), 0), "writing the superblock");
}

}  // namespace vmtool::identity
