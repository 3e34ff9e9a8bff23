#pragma once
// The root filesystem: a directory or an overlay, put in place and then made "/" by pivot_root.

#include <optional>
#include <string>

#include "isolation/child.hpp"
#include "isolation/failure.hpp"
#include "isolation/spec.hpp"

namespace vmtool::isolation {

/// Mounts the root on its path; where that can't be entered, on top of "/", which serves as well.
struct RootStep {
  Root root{};
  bool user_xattr = false;            ///< overlay inside a user namespace keeps its marks in user.overlay.*
  std::optional<std::size_t> tree{};  ///< made by the launcher, in Child::trees
  bool masks = false;                 ///< there are masked paths
};
/// Makes the container's root "/" and lets go of the old one.
struct PivotRoot {
  bool by_move = false;  ///< a root that can't pivot (initramfs): MS_MOVE and chroot
};
/// Makes the root read-only, or gives it its propagation; what is mounted below keeps its own.
struct FinishRoot {
  bool read_only = false;
  unsigned long propagation = 0;
};

Outcome run(const RootStep& step, Child& child) noexcept;
Outcome run(const PivotRoot& step, Child& child) noexcept;
Outcome run(const FinishRoot& step, Child& child) noexcept;

/// A detached mount of the root; -1 with errno and `detail`. Used by the child, and by the launcher where the child
/// will be in a user namespace that can't reach the layers.
int make_root_tree(const Root& root, bool user_xattr, const char** detail) noexcept;

}  // namespace vmtool::isolation
