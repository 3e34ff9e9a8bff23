#pragma once
// The names in a directory of XFS ("Directories": shortform, block, leaf, node and B+tree).

#include <cstdint>
#include <string>
#include <vector>

#include "identity/xfs_inode.hpp"

namespace vmtool::identity {

struct XfsEntry {
  std::string name;
  std::uint64_t inode = 0;
};

/// Without "." and "..". Throws Error{io} where the directory is damaged or larger than any that matters here.
std::vector<XfsEntry> entries_of(const XfsLayout& layout, const XfsInode& directory);

}  // namespace vmtool::identity
