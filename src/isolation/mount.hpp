#pragma once
// Mounts inside the container's root, built from descriptors: fsopen or open_tree, mount_setattr, then move_mount onto
// a target that was opened beneath the root.

#include <optional>
#include <string>
#include <vector>

#include "isolation/child.hpp"
#include "isolation/failure.hpp"
#include "isolation/mount_option.hpp"
#include "isolation/rooted.hpp"
#include "util/fd.hpp"

namespace vmtool::isolation {

/// One mount of the plan.
struct MountStep {
  std::string destination{};
  std::string type{};  ///< a filesystem of the kernel's, or "bind"
  std::string source{};
  MountOptions options{};
  Links links = Links::follow;        ///< refuse for /proc and /sys: their mount points must be real directories
  std::optional<std::size_t> tree{};  ///< a detached mount that the launcher prepared, in Child::trees
  bool is_file = false;               ///< the source of a bind mount is no directory
  bool classic = false;               ///< by mount(2) instead of the descriptor calls
};
Outcome run(const MountStep& step, Child& child) noexcept;

/// A cgroup mount: on v2 the filesystem itself, on v1 a tmpfs with one directory for each hierarchy; all read-only
/// unless the options say "rw". Needs the container's own cgroup namespace.
struct CgroupMount {
  std::string destination{};
  MountOptions options{};
  std::vector<std::pair<std::string, std::string>> hierarchies{};  ///< v1: directory and options; empty: v2
};
Outcome run(const CgroupMount& step, Child& child) noexcept;

/// A new filesystem that is mounted nowhere; -1 with errno. `data` as in MountOptions.
int make_filesystem(const char* type, const char* source, const std::vector<std::pair<std::string, std::string>>& data,
                    bool read_only, unsigned attributes, const char** detail) noexcept;

/// Sets and clears attributes and propagation of a mount (mount_setattr(2)).
Outcome change_mount(int mount, std::uint64_t set, std::uint64_t clear, std::uint64_t propagation,
                     bool recursive) noexcept;

/// Puts a detached mount on an open target.
Outcome attach(int mount, int target) noexcept;

}  // namespace vmtool::isolation
