#pragma once
// The part of a plan that concerns pools, images and volumes.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "ops/plan.hpp"

namespace vmtool::ops {

/// What a volume will be like once the plan so far is done.
struct PlannedVolume {
  std::string path;
  model::DiskFormat format = model::DiskFormat::qcow2;
  util::Bytes capacity;
  bool is_new = false;
};

/// The volumes that exist or will exist, by (pool, name); machines are planned on it.
class VolumeSpace {
 public:
  explicit VolumeSpace(const Observed& observed);

  /// The volume, existing or planned; null where there is none.
  const PlannedVolume* find(const VolumeId& id) const;
  /// Plans a new volume. Throws Error{conflict} where the name is taken, Error{not_found} where the pool is missing,
  /// Error{io} where preallocated bytes don't fit.
  const PlannedVolume& add(const VolumeId& id, model::DiskFormat format, util::Bytes capacity, util::Bytes needed_now);

  /// The actions that make the pools that were used ready; ask last.
  std::vector<Action> pool_actions() const;

 private:
  std::string pool_path(const std::string& pool);

  const Observed& observed_;
  std::map<VolumeId, PlannedVolume> volumes_;
  std::map<std::string, std::uint64_t> available_;  // bytes left, by pool
  std::set<std::string> used_pools_;
};

Action image_action(const model::Image& image, const Observed& observed, VolumeSpace& space);
Action volume_action(const model::Volume& volume, const Observed& observed, VolumeSpace& space);

/// The bytes that a volume takes from its pool at once.
util::Bytes bytes_needed_now(model::Preallocation preallocation, util::Bytes capacity);

}  // namespace vmtool::ops
