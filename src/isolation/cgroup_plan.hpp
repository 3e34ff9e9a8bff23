#pragma once
// Limits as data: which directories a container's cgroup has and what is written into their files.

#include <string>
#include <vector>

#include "isolation/cgroup_layout.hpp"
#include "isolation/spec.hpp"

namespace vmtool::isolation {

/// One limit: a file of a cgroup directory and the text that sets it.
struct CgroupWrite {
  std::string file{};
  std::string value{};
  friend bool operator==(const CgroupWrite&, const CgroupWrite&) = default;
};

struct CgroupDirectory {
  std::string controller{};  ///< the v1 controller; empty: the v2 tree
  std::string mount{};       ///< the hierarchy's mount point
  std::string path{};        ///< the directory, with the mount point
  std::vector<CgroupWrite> writes{};
  std::vector<std::string> enable{};  ///< v2: controllers that every directory above must pass down

  bool is_unified() const noexcept { return controller.empty(); }
};

struct CgroupPlan {
  std::vector<CgroupDirectory> directories{};  ///< the v2 one first
  std::vector<DeviceRule> devices{};           ///< rules that no controller here enforces
};

/// The path of a container's cgroup below each hierarchy: an absolute one is taken, a relative one lies below /vmtool,
/// none is /vmtool/ID; "slice:prefix:name" is where systemd puts that scope. Throws Error{invalid_input} for "..".
std::string cgroup_path(const std::string& wanted, const std::string& id);

/// Checks limits against what the kernel takes at least. Throws Error{invalid_input}.
void check_resources(const Resources& resources);

/// Plans. Throws Error{unavailable} that names the controller and the reason where a limit can't be enforced.
CgroupPlan plan_cgroup(const CgroupLayout& layout, const std::string& path, const Resources& resources);

/// A weight of v1, 2 to 262144, on v2's scale of 1 to 10000.
std::uint64_t cpu_weight(std::uint64_t shares) noexcept;
/// A block I/O weight of the runtime-spec, 10 to 1000, on v2's scale of 1 to 10000.
std::uint64_t io_weight(unsigned weight) noexcept;
/// The limit of swap without memory, -1 for none, where `memory_swap` is set.
std::int64_t swap_alone(const Resources& resources) noexcept;

/// Whether any limit is asked for.
bool has_limits(const Resources& resources) noexcept;

}  // namespace vmtool::isolation
