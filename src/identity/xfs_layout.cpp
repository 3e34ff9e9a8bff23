#include "identity/xfs_layout.hpp"

#include <bit>

#include "identity/big_endian.hpp"
#include "identity/guest_fs.hpp"
#include "util/error.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr std::size_t superblock_size = 512;
constexpr std::uint32_t superblock_magic = 0x58465342;  // "XFSB"
constexpr unsigned known_version = 5;
// Types in directory entries, sparse inode chunks, a UUID of the metadata's own, times past 2038, many extents.
constexpr std::uint32_t known_incompatible = 0x1 | 0x2 | 0x4 | 0x8 | 0x20;

[[noreturn]] void refuse_superblock() {
  throw Error(Errc::invalid_input, "the superblock of the XFS filesystem makes no sense");
}

bool is_power_within(std::uint64_t value, std::uint64_t least, std::uint64_t most) {
  return std::has_single_bit(value) && value >= least && value <= most;
}

}  // namespace

XfsLayout::XfsLayout(StagedVolume& volume) : volume_(volume) {
  std::vector<unsigned char> bytes(superblock_size);
  volume.read(0, bytes);
  const BigEndian super(bytes);
  if (super.u32(0) != superblock_magic) throw Error(Errc::invalid_input, "it is no XFS filesystem");
  if ((super.u16(100) & 0xfu) != known_version) throw NotInPlace("it is an XFS filesystem of version 4");
  if ((super.u32(216) & ~known_incompatible) != 0)
    throw NotInPlace("it is an XFS filesystem with features that are not known, or in need of repair");
  block_size_ = super.u32(4);
  blocks_ = super.u64(8);
  root_inode_ = super.u64(56);
  group_blocks_ = super.u32(84);
  groups_ = super.u32(88);
  inode_size_ = super.u16(104);
  const unsigned inodes_per_block = super.u16(106);
  group_bits_ = super.u8(124);
  const unsigned directory_bits = super.u8(192);
  if (!is_power_within(block_size_, 512, 65536) || !is_power_within(inode_size_, 256, 2048) || group_bits_ > 31 ||
      group_blocks_ == 0 || std::uint64_t{group_blocks_} > std::uint64_t{1} << group_bits_ || groups_ == 0 ||
      directory_bits > 7 || std::uint64_t{inodes_per_block} * inode_size_ != block_size_ || blocks_ == 0 ||
      blocks_ > volume.size() / block_size_) {
    refuse_superblock();
  }
  directory_block_size_ = block_size_ << directory_bits;
  if (directory_block_size_ > 65536) refuse_superblock();
  inodes_per_block_bits_ = static_cast<unsigned>(std::countr_zero(inodes_per_block));
  if (const std::uint64_t log = super.u64(48); log != 0) {
    log_place_ = place_of_block(log);
    log_length_ = std::uint64_t{super.u32(96)} * block_size_;
    if (log_length_ > volume.size() - log_place_) refuse_superblock();
  }
}

std::uint64_t XfsLayout::place(std::uint64_t group, std::uint64_t block) const {
  if (group >= groups_ || block >= group_blocks_ || group * group_blocks_ + block >= blocks_) {
    throw Error(Errc::io, "the XFS filesystem is damaged: something lies outside of it");
  }
  return (group * group_blocks_ + block) * block_size_;
}

std::uint64_t XfsLayout::place_of_block(std::uint64_t block) const {
  return place(block >> group_bits_, block & ((std::uint64_t{1} << group_bits_) - 1));
}

std::uint64_t XfsLayout::place_of_inode(std::uint64_t inode) const {
  const std::uint64_t in_block = inode & ((std::uint64_t{1} << inodes_per_block_bits_) - 1);
  return place_of_block(inode >> inodes_per_block_bits_) + in_block * inode_size_;
}

}  // namespace vmtool::identity
