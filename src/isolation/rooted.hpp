#pragma once
// Paths inside a container's root: resolved by openat2(2) with RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS, so that no
// symlink, no ".." and no race leads out of it. Usable in the child: no allocation, no exception.

#include <cstdint>

#include <sys/types.h>

#include "isolation/failure.hpp"

namespace vmtool::isolation {

enum class Links { follow, refuse };

/// Opens `path` below the directory `root`; -1 with errno. `Links::refuse` fails with ELOOP on any symlink in it.
int open_in_root(int root, const char* path, std::uint64_t flags, Links links = Links::follow) noexcept;

/// Opens the directory `path` (O_PATH), making what is missing of it with mode 0755; -1 with errno.
int make_directory_in_root(int root, const char* path, Links links = Links::follow) noexcept;

/// Opens the file `path` (O_PATH), making it empty, and its directories, where it is missing; -1 with errno.
int make_file_in_root(int root, const char* path) noexcept;

/// Opens the directory that holds `path` (made where missing), and sets `name` to the last component; -1 with errno.
int make_parent_in_root(int root, const char* path, const char** name) noexcept;

}  // namespace vmtool::isolation
