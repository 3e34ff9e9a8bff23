#pragma once
// Paths to values, and objects as a map from path to text.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "util/text.hpp"

namespace vmtool::manifest {

using Flat = std::map<std::string, std::string>;

/// "disks[0]" and "capacity" → "disks[0].capacity".
inline std::string join_path(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

/// "disks" and 0 → "disks[0]".
inline std::string item_path(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

/// The names of a list's items, usable as their keys where every item has one and no two are the same.
class ItemNames {
 public:
  template <class T>
  explicit ItemNames(const std::vector<T>& items) {
    if constexpr (requires(const T& item) { item.name; }) {
      for (const T& item : items) names_.push_back(item.name);
      const std::set<std::string> distinct(names_.begin(), names_.end());
      usable_ = distinct.size() == names_.size() && distinct.count("") == 0;
    }
  }
  bool usable() const noexcept { return usable_; }
  const std::string& operator[](std::size_t index) const { return names_[index]; }
  std::string joined() const { return util::join(names_, ", "); }

 private:
  std::vector<std::string> names_;
  bool usable_ = false;
};

}  // namespace vmtool::manifest
