#pragma once
// Copying a tree between two directories that are held open. No name is resolved but the last of a path, below its own
// descriptor, so that whoever changes either tree meanwhile leads nowhere.

#include <optional>
#include <string>
#include <utility>

#include <sys/types.h>

#include "util/reporter.hpp"

namespace vmtool::ops {

struct TreeEnd {
  int directory = -1;
  std::string name;
};

/// Copies files, directories and symbolic links with their permissions (no set-id bits) and, where given, a new owner. What else
/// there is, other mounts included, is a warning. Throws SysError.
void copy_tree(const TreeEnd& from, const TreeEnd& to, const std::optional<std::pair<uid_t, gid_t>>& owner,
               util::Reporter& reporter);

}  // namespace vmtool::ops
