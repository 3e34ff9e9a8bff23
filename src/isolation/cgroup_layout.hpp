#pragma once
// Where the cgroup controllers of this host live: in one v2 tree, in v1 hierarchies, or mixed (hybrid).

#include <map>
#include <set>
#include <string>

namespace vmtool::isolation {

struct CgroupLayout {
  std::string unified{};                        ///< mount point of the v2 tree; empty: none
  std::set<std::string> unified_controllers{};  ///< what its root offers
  std::map<std::string, std::string> v1{};      ///< controller and its mount point

  bool is_pure_v2() const noexcept { return !unified.empty() && v1.empty(); }
};

/// Looks at `base` (/sys/fs/cgroup). Never throws: what is not there is not in the layout.
CgroupLayout find_cgroup_layout(const std::string& base);

}  // namespace vmtool::isolation
