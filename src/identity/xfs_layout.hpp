#pragma once
// Where things lie on an XFS filesystem of version 5 (XFS Algorithms & Data Structures, 3rd edition: "Superblocks",
// "AG Free Space Management", "Inode Numbers").

#include <cstdint>

#include "identity/staged_volume.hpp"

namespace vmtool::identity {

class XfsLayout {
 public:
  /// Throws Error{invalid_input} where it is no XFS or its superblock makes no sense, NotInPlace (guest_fs.hpp) for
  /// a version or a feature that is not known here. The volume must outlive the object.
  explicit XfsLayout(StagedVolume& volume);

  StagedVolume& volume() const noexcept { return volume_; }
  std::uint64_t root_inode() const noexcept { return root_inode_; }
  std::uint32_t block_size() const noexcept { return block_size_; }
  std::uint32_t inode_size() const noexcept { return inode_size_; }
  std::uint32_t directory_block_size() const noexcept { return directory_block_size_; }
  /// Where an inode lies, in bytes from the start of the volume. Throws Error{io} outside of the filesystem.
  std::uint64_t place_of_inode(std::uint64_t inode) const;
  /// Where a block lies that an extent names. Throws Error{io} outside of the filesystem.
  std::uint64_t place_of_block(std::uint64_t block) const;

  /// The log: where it lies and how long it is, in bytes; of length 0 where it is on another device.
  std::uint64_t log_place() const noexcept { return log_place_; }
  std::uint64_t log_length() const noexcept { return log_length_; }

 private:
  std::uint64_t place(std::uint64_t group, std::uint64_t block) const;

  StagedVolume& volume_;
  std::uint64_t blocks_ = 0;
  std::uint64_t root_inode_ = 0;
  std::uint64_t log_place_ = 0;
  std::uint64_t log_length_ = 0;
  std::uint32_t block_size_ = 0;
  std::uint32_t inode_size_ = 0;
  std::uint32_t directory_block_size_ = 0;
  std::uint32_t group_blocks_ = 0;
  std::uint32_t groups_ = 0;
  unsigned group_bits_ = 0;  ///< of a block number within its allocation group
  unsigned inodes_per_block_bits_ = 0;
};

}  // namespace vmtool::identity
