#include "identity/xfs_fs.hpp"

#include <algorithm>

#include "identity/big_endian.hpp"
#include "identity/xfs_directory.hpp"
#include "identity/xfs_log.hpp"
#include "util/error.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr std::uint32_t link_magic = 0x58534c4d;  // "XSLM"
constexpr std::size_t link_header = 56;
constexpr std::uint64_t longest_link = 1024;

[[noreturn]] void refuse_allocation() {
  throw NotInPlace("files are neither made nor removed on an XFS filesystem that is not mounted");
}

}  // namespace

XfsFs::XfsFs(StagedVolume& volume)
    : layout_(volume), numbers_{layout_.root_inode()}, inodes_{{layout_.root_inode(), 0}} {}

bool XfsFs::is_clean() const { return is_log_clean(layout_); }

Inode XfsFs::known(std::uint64_t number) {
  const auto [entry, is_new] = inodes_.try_emplace(number, static_cast<Inode>(numbers_.size()));
  if (is_new) numbers_.push_back(number);
  return entry->second;
}

std::optional<Inode> XfsFs::lookup(Inode directory, const std::string& name) {
  const XfsInode parent = at(directory);
  if (parent.kind != Kind::directory) return std::nullopt;
  for (const XfsEntry& entry : entries_of(layout_, parent)) {
    if (entry.name == name) return known(entry.inode);
  }
  return std::nullopt;
}

Attributes XfsFs::attributes(Inode inode) {
  const XfsInode found = at(inode);
  return {.kind = found.kind, .size = found.size, .owner = found.owner};
}

// A long target stands in blocks, each with a header of its own.
std::string XfsFs::read_link(const XfsInode& link) const {
  if (link.size > longest_link) throw Error(Errc::io, "the XFS filesystem is damaged: a symbolic link is too long");
  if (link.format == XfsInode::Format::local) {
    const auto target = read_content(layout_, link, longest_link);
    return {target.begin(), target.end()};
  }
  std::string target;
  for (std::uint64_t index = 0; target.size() < link.size; ++index) {
    const XfsExtent* extent = extent_at(link, index);
    if (extent == nullptr) throw Error(Errc::io, "the XFS filesystem is damaged: a symbolic link ends too early");
    std::vector<unsigned char> bytes(layout_.block_size());
    layout_.volume().read(layout_.place_of_block(extent->block + (index - extent->first)), bytes);
    const BigEndian block(bytes);
    const std::size_t part = std::min<std::size_t>(block.u32(8), static_cast<std::size_t>(link.size) - target.size());
    if (block.u32(0) != link_magic || part == 0)
      throw Error(Errc::io, "the XFS filesystem is damaged: a symbolic link makes no sense");
    target += block.text(link_header, part);
  }
  return target;
}

std::string XfsFs::read(Inode inode, std::size_t limit) {
  const XfsInode found = at(inode);
  if (found.kind == Kind::symlink) return read_link(found);
  if (found.kind != Kind::file) throw Error(Errc::conflict, "not a regular file");
  const auto content = read_content(layout_, found, limit);
  return {content.begin(), content.end()};
}

std::vector<std::string> XfsFs::list(Inode directory) {
  std::vector<std::string> names;
  for (XfsEntry& entry : entries_of(layout_, at(directory))) names.push_back(std::move(entry.name));
  return names;
}

void XfsFs::overwrite(Inode inode, std::string_view content) {
  const XfsInode file = at(inode);
  if (file.kind != Kind::file) throw Error(Errc::conflict, "not a regular file");
  if (file.is_realtime || file.shares_blocks)
    throw NotInPlace("the file's blocks can't be written in place: they are shared, or on a device for realtime data");
  const std::size_t block_size = layout_.block_size();
  for (std::size_t at = 0; at < content.size(); at += block_size) {
    const XfsExtent* extent = extent_at(file, at / block_size);
    if (extent == nullptr || extent->is_unwritten)
      throw NotInPlace("the new content needs more blocks than the file has");
    // What lies behind the end of a file is zeros, so that it is so when the file grows.
    std::vector<unsigned char> block(block_size);
    const std::string_view part = content.substr(at, block_size);
    std::copy(part.begin(), part.end(), block.begin());
    layout_.volume().write(layout_.place_of_block(extent->block + (at / block_size - extent->first)), block);
  }
  write_size(layout_, file, content.size());
}

Inode XfsFs::make_file(Inode, const std::string&, std::string_view, const Ownership&) { refuse_allocation(); }
Inode XfsFs::make_symlink(Inode, const std::string&, const std::string&) { refuse_allocation(); }
void XfsFs::remove(Inode, const std::string&) { refuse_allocation(); }

}  // namespace vmtool::identity
