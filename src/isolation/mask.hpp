#pragma once
// Paths that a container may not read (masked) or not write (read-only). What covers a masked path is made by the
// engine itself: an image that brings its own /dev/null has no say in it.

#include <string>

#include "isolation/child.hpp"
#include "isolation/failure.hpp"

namespace vmtool::isolation {

struct MaskPath {
  std::string path{};
};
struct ReadOnlyPath {
  std::string path{};
};

/// Makes an empty file and an empty directory that masked paths are covered with, never anything of the image's, and attaches
/// their read-only mount to `place`, since only what is attached can be cloned. `mask` becomes a descriptor of the mount.
Outcome make_mask_source(Child& child, int place, int* mask) noexcept;
/// A path that does not exist is left alone.
Outcome run(const MaskPath& step, Child& child) noexcept;
Outcome run(const ReadOnlyPath& step, Child& child) noexcept;

}  // namespace vmtool::isolation
