#pragma once
// An inode of XFS and where its content lies ("On-disk Inode", "Data Extents").

#include <cstdint>
#include <string>
#include <vector>

#include "identity/guest_tree.hpp"
#include "identity/xfs_layout.hpp"

namespace vmtool::identity {

/// `count` blocks of a file from `first` on lie at `block`.
struct XfsExtent {
  std::uint64_t first = 0;
  std::uint64_t block = 0;
  std::uint64_t count = 0;
  bool is_unwritten = false;  ///< allocated, and reads as zeros
};

struct XfsInode {
  enum class Format { local, extents, tree, other };

  std::uint64_t number = 0;
  std::uint64_t size = 0;  ///< bytes
  Kind kind = Kind::other;
  Ownership owner{};
  Format format = Format::other;
  bool is_realtime = false;
  bool shares_blocks = false;         ///< with other files (reflink)
  std::vector<unsigned char> fork{};  ///< what describes the content, or is it
  std::vector<XfsExtent> extents{};   ///< ascending; empty where the content is local
};

/// Throws Error{io} where the inode is damaged or not in use.
XfsInode read_inode(const XfsLayout& layout, std::uint64_t number);

/// The bytes [0, size) of an inode's content; what is not allocated is zeros. Throws Error{invalid_input} past `limit`.
std::vector<unsigned char> read_content(const XfsLayout& layout, const XfsInode& inode, std::uint64_t limit);

/// The extent with block `index` of a file; null in a hole.
const XfsExtent* extent_at(const XfsInode& inode, std::uint64_t index);

/// Stages a new size, and the inode's checksum with it.
void write_size(const XfsLayout& layout, const XfsInode& inode, std::uint64_t size);

}  // namespace vmtool::identity
