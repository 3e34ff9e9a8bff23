#pragma once
// What a tree of files is, in one digest.

#include <cstdint>
#include <string>

#include "util/dir_fd.hpp"

namespace vmtool::images {

struct TreeMeasure {
  std::string digest;  ///< sha256 over type, mode, owner, device, time, extended attributes and content of every entry
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;  ///< of the content of regular files, holes left out
};

/// Reads the whole tree. Symbolic links are not followed. Throws SysError.
TreeMeasure measure_tree(const util::DirFd& root);

}  // namespace vmtool::images
