#pragma once
// Paths that a container may not read (masked) or not write (read-only). What covers a masked path is made by the
// engine itself: an image that brings its own /dev/null has no say in it.

#include <string>

#include "isolation/child.hpp"
#include "isolation/failure.hpp"

namespace vmtool::isolation {

/// Makes the empty file and the empty directory, on a tmpfs that goes away with the old root.
struct MakeMaskSource {};
struct MaskPath {
  std::string path{};
};
struct ReadOnlyPath {
  std::string path{};
};

Outcome run(const MakeMaskSource& step, Child& child) noexcept;
/// A path that does not exist is left alone.
Outcome run(const MaskPath& step, Child& child) noexcept;
Outcome run(const ReadOnlyPath& step, Child& child) noexcept;

}  // namespace vmtool::isolation
