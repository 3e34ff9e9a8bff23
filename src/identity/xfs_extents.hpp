#pragma once
// Lists of extents: in the inode itself, or in a B+tree that it points to ("Extent List", "B+Tree Extent List").

#include <vector>

#include "identity/big_endian.hpp"
#include "identity/xfs_inode.hpp"

namespace vmtool::identity {

/// Both throw Error{io} where the list is damaged: not ascending, longer than any file here needs, a tree without end.
std::vector<XfsExtent> extents_of_fork(const BigEndian& fork, std::uint64_t count);
std::vector<XfsExtent> extents_of_tree(const XfsLayout& layout, const BigEndian& fork);

}  // namespace vmtool::identity
