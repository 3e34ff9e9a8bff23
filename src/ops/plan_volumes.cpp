#include "ops/plan_volumes.hpp"

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

// Another format than the two of the model (an ISO, vmdk …) is read as raw: what a guest sees of an ISO.
model::DiskFormat format_of(const std::string& word) {
  return model::from_text<model::DiskFormat>(word).value_or(model::DiskFormat::raw);
}

// A backing file is followed only where it is a volume that libvirt knows: never into the rest of the host.
void check_backing(const model::Image& image, const storage::ImageFile& file, const Observed& observed) {
  if (!file.data_path.empty()) {
    throw Error(Errc::conflict, fmt::format("image '{}' keeps its data in another file: '{}'", image.name,
                                            util::printable(file.data_path)))
        .hint(fmt::format("make it whole first: qemu-img convert -O qcow2 {} whole.qcow2",
                          util::printable(image.source_file)));
  }
  if (file.backing_path.empty()) return;
  for (const auto& [name, pool] : observed.pools) {
    if (file.backing_path.starts_with(pool.pool.path + "/") && file.backing_path.find("/../") == std::string::npos)
      return;
  }
  throw Error(Errc::conflict, fmt::format("image '{}' has a backing file outside of the pools: '{}'", image.name,
                                          util::printable(file.backing_path)))
      .hint(fmt::format("make it whole first: qemu-img convert -O qcow2 {} whole.qcow2",
                        util::printable(image.source_file)));
}

}  // namespace

VolumeSpace::VolumeSpace(const Observed& observed) : observed_(observed) {
  for (const auto& [pool_name, pool] : observed.pools) {
    available_[pool_name] = pool.available_bytes;
    for (const auto& [name, facts] : pool.volumes) {
      volumes_[{pool_name, name}] = {facts.path, format_of(facts.format), facts.capacity, false};
    }
  }
}

const PlannedVolume* VolumeSpace::find(const VolumeId& id) const {
  const auto found = volumes_.find(id);
  return found == volumes_.end() ? nullptr : &found->second;
}

std::string VolumeSpace::pool_path(const std::string& pool) {
  used_pools_.insert(pool);
  if (const auto found = observed_.pools.find(pool); found != observed_.pools.end()) return found->second.pool.path;
  if (pool == "default") return observed_.default_pool;
  throw Error(Errc::not_found, fmt::format("there is no storage pool '{}'", pool))
      .hint("'virsh pool-list --all' shows the pools; 'default' is made when it is missing");
}

const PlannedVolume& VolumeSpace::add(const VolumeId& id, model::DiskFormat format, util::Bytes capacity,
                                      util::Bytes needed_now) {
  const auto& [pool, name] = id;
  if (find(id) != nullptr) {
    throw Error(Errc::conflict, fmt::format("volume '{}' exists in pool '{}' already", name, pool))
        .hint(fmt::format("use it by 'volume: {}', or delete it: vmtool disk delete {} --pool {}", name, name, pool));
  }
  const std::string path = fmt::format("{}/{}", pool_path(pool), name);
  const auto available = available_.find(pool);
  // An inactive pool does not tell its space.
  if (available != available_.end() && observed_.pools.at(pool).active) {
    if (needed_now.count > available->second) {
      throw Error(Errc::io, fmt::format("pool '{}' has {} left, volume '{}' needs {}", pool,
                                        util::to_human({available->second}), name, util::to_human(needed_now)))
          .hint("free some space, use another pool, or 'preallocation: off'");
    }
    available->second -= needed_now.count;
  }
  return volumes_[id] = {path, format, capacity, true};
}

std::vector<Action> VolumeSpace::pool_actions() const {
  std::vector<Action> actions;
  for (const std::string& name : used_pools_) {
    const auto found = observed_.pools.find(name);
    if (found != observed_.pools.end() && found->second.active) continue;
    Action action;
    action.kind = "Pool";
    action.name = name;
    if (found == observed_.pools.end()) {
      action.verb = Verb::create;
      action.notes.push_back(fmt::format("a directory pool at {}", observed_.default_pool));
      action.steps.push_back(DefinePool{{name, observed_.default_pool}});
    } else {
      action.verb = Verb::update;
      action.notes.push_back("it is inactive and will be started");
      action.steps.push_back(StartPool{name});
    }
    actions.push_back(std::move(action));
  }
  return actions;
}

util::Bytes bytes_needed_now(model::Preallocation preallocation, util::Bytes capacity) {
  const bool at_once = preallocation == model::Preallocation::falloc || preallocation == model::Preallocation::full;
  return at_once ? capacity : util::Bytes{0};
}

Action image_action(const model::Image& image, const Observed& observed, VolumeSpace& space) {
  Action action;
  action.kind = "Image";
  action.name = image.name;
  const storage::ImageFile& file = observed.image_files.at(image.source_file);
  const auto format = model::from_text<model::DiskFormat>(file.format);
  if (!format) {
    throw Error(Errc::invalid_input, fmt::format("image '{}' is of format '{}', which can't be imported", image.name,
                                                 util::printable(file.format)))
        .hint(fmt::format("convert it first: qemu-img convert -O qcow2 {} {}.qcow2", util::printable(image.source_file),
                          image.name));
  }
  check_backing(image, file, observed);
  if (const PlannedVolume* volume = space.find({image.pool, image.name})) {
    if (volume->capacity != file.virtual_size || volume->format != *format) {
      throw Error(Errc::conflict,
                  fmt::format("image '{}' is in pool '{}' already, with another content: {} {} there, {} {} in '{}'",
                              image.name, image.pool, util::to_text(volume->capacity), model::to_text(volume->format),
                              util::to_text(file.virtual_size), file.format, util::printable(image.source_file)))
          .hint("import the new one under another name, so that disks that stand on the old one stay whole");
    }
    return action;
  }
  space.add({image.pool, image.name}, *format, file.virtual_size, file.actual_size);
  action.verb = Verb::create;
  action.steps.push_back(ImportImage{image, *format, file.virtual_size});
  return action;
}

Action volume_action(const model::Volume& volume, const Observed&, VolumeSpace& space) {
  Action action;
  action.kind = "Volume";
  action.name = volume.name;
  const PlannedVolume* existing = space.find({volume.pool, volume.name});
  if (existing == nullptr) {
    space.add({volume.pool, volume.name}, volume.format, volume.capacity,
              bytes_needed_now(volume.preallocation, volume.capacity));
    action.verb = Verb::create;
    action.steps.push_back(CreateVolume{volume, "", false});
    return action;
  }
  if (existing->format != volume.format) {
    throw Error(Errc::conflict,
                fmt::format("volume '{}' is {}, the manifest says {}: a volume is never replaced", volume.name,
                            model::to_text(existing->format), model::to_text(volume.format)))
        .hint("give the new volume another name");
  }
  if (volume.capacity < existing->capacity) {
    throw Error(Errc::conflict,
                fmt::format("volume '{}' has {}, the manifest says {}: a volume is never shrunk", volume.name,
                            util::to_text(existing->capacity), util::to_text(volume.capacity)))
        .hint(fmt::format("write capacity: {}", util::to_text(existing->capacity)));
  }
  if (volume.capacity == existing->capacity) return action;
  action.verb = Verb::update;
  action.changes.push_back(
      {"capacity", util::to_text(existing->capacity), util::to_text(volume.capacity), Effect::live});
  action.steps.push_back(GrowVolume{volume.pool, volume.name, volume.capacity, "", ""});
  return action;
}

}  // namespace vmtool::ops
