#include "identity/xfs_inode.hpp"

#include <ext2fs/ext2fs.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "identity/big_endian.hpp"
#include "identity/xfs_extents.hpp"
#include "util/error.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr std::size_t core_size = 176;  // of an inode of version 3
constexpr std::size_t size_at = 56;
constexpr std::size_t checksum_at = 100;
constexpr std::uint16_t inode_magic = 0x494e;  // "IN"
constexpr std::uint16_t flag_realtime = 0x1;
constexpr std::uint64_t flag_shares_blocks = 0x2;
constexpr std::uint64_t flag_many_extents = 0x10;
constexpr std::uint8_t format_local = 1;
constexpr std::uint8_t format_extents = 2;
constexpr std::uint8_t format_tree = 3;

Kind kind_of(std::uint16_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG: return Kind::file;
    case S_IFDIR: return Kind::directory;
    case S_IFLNK: return Kind::symlink;
    default: return Kind::other;
  }
}

std::vector<unsigned char> inode_bytes(const XfsLayout& layout, std::uint64_t number) {
  std::vector<unsigned char> bytes(layout.inode_size());
  layout.volume().read(layout.place_of_inode(number), bytes);
  return bytes;
}

// CRC-32C as libext2fs computes it, stored in little-endian order ("Self-Describing Metadata").
std::array<unsigned char, 4> checksum_of(std::vector<unsigned char> bytes) {
  std::fill_n(bytes.begin() + checksum_at, 4, static_cast<unsigned char>(0));
  const std::uint32_t sum = ~ext2fs_crc32c_le(~0u, bytes.data(), bytes.size());
  return {static_cast<unsigned char>(sum), static_cast<unsigned char>(sum >> 8), static_cast<unsigned char>(sum >> 16),
          static_cast<unsigned char>(sum >> 24)};
}

}  // namespace

XfsInode read_inode(const XfsLayout& layout, std::uint64_t number) {
  const std::vector<unsigned char> bytes = inode_bytes(layout, number);
  const BigEndian core(bytes);
  const auto sum = checksum_of(bytes);
  if (core.u16(0) != inode_magic || core.u8(4) != 3 || core.u64(152) != number ||
      !std::equal(sum.begin(), sum.end(), bytes.begin() + checksum_at)) {
    throw Error(Errc::io, "the XFS filesystem is damaged: an inode does not match its checksum");
  }
  XfsInode inode;
  inode.number = number;
  inode.kind = kind_of(core.u16(2));
  inode.owner = {core.u16(2) & 07777u, core.u32(8), core.u32(12)};
  inode.size = core.u64(size_at);
  inode.is_realtime = (core.u16(90) & flag_realtime) != 0;
  const std::uint64_t flags = core.u64(120);
  inode.shares_blocks = (flags & flag_shares_blocks) != 0;
  const std::size_t rest = bytes.size() - core_size;
  const std::size_t fork_size = core.u8(82) != 0 ? std::size_t{core.u8(82)} * 8 : rest;
  if (fork_size > rest) throw Error(Errc::io, "the XFS filesystem is damaged: an inode is larger than its place");
  inode.fork.assign(bytes.begin() + core_size, bytes.begin() + static_cast<std::ptrdiff_t>(core_size + fork_size));
  const std::uint64_t extents = (flags & flag_many_extents) != 0 ? core.u64(24) : core.u32(76);
  switch (core.u8(5)) {
    case format_local: inode.format = XfsInode::Format::local; break;
    case format_extents:
      inode.format = XfsInode::Format::extents;
      inode.extents = extents_of_fork(BigEndian(inode.fork), extents);
      break;
    case format_tree:
      inode.format = XfsInode::Format::tree;
      inode.extents = extents_of_tree(layout, BigEndian(inode.fork));
      break;
    default: break;
  }
  return inode;
}

const XfsExtent* extent_at(const XfsInode& inode, std::uint64_t index) {
  const auto after =
      std::upper_bound(inode.extents.begin(), inode.extents.end(), index,
                       [](std::uint64_t block, const XfsExtent& extent) { return block < extent.first; });
  if (after == inode.extents.begin()) return nullptr;
  const XfsExtent& extent = *std::prev(after);
  return index - extent.first < extent.count ? &extent : nullptr;
}

std::vector<unsigned char> read_content(const XfsLayout& layout, const XfsInode& inode, std::uint64_t limit) {
  if (inode.size > limit) throw Error(Errc::invalid_input, "the file is larger than expected");
  if (inode.is_realtime) throw Error(Errc::conflict, "the file lies on a device for realtime data");
  const auto size = static_cast<std::size_t>(inode.size);
  if (inode.format == XfsInode::Format::local) {
    if (size > inode.fork.size())
      throw Error(Errc::io, "the XFS filesystem is damaged: a file is larger than its place");
    return {inode.fork.begin(), inode.fork.begin() + static_cast<std::ptrdiff_t>(size)};
  }
  std::vector<unsigned char> content(size);
  const std::uint64_t block_size = layout.block_size();
  for (std::uint64_t at = 0; at < size; at += block_size) {
    const std::uint64_t index = at / block_size;
    const XfsExtent* extent = extent_at(inode, index);
    if (extent == nullptr || extent->is_unwritten) continue;
    const std::size_t part =
        std::min<std::size_t>(static_cast<std::size_t>(block_size), size - static_cast<std::size_t>(at));
    layout.volume().read(layout.place_of_block(extent->block + (index - extent->first)),
                         std::span(content).subspan(static_cast<std::size_t>(at), part));
  }
  return content;
}

void write_size(const XfsLayout& layout, const XfsInode& inode, std::uint64_t size) {
  std::vector<unsigned char> bytes = inode_bytes(layout, inode.number);
  for (std::size_t i = 0; i < 8; ++i) bytes[size_at + i] = static_cast<unsigned char>(size >> (56 - 8 * i));
  const auto sum = checksum_of(bytes);
  std::copy(sum.begin(), sum.end(), bytes.begin() + checksum_at);
  layout.volume().write(layout.place_of_inode(inode.number), bytes);
}

}  // namespace vmtool::identity
