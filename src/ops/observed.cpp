#include "ops/observed.hpp"

#include "model/targets.hpp"
#include "ops/seed_content.hpp"

namespace vmtool::ops {

std::set<VolumeId> volumes_of(const model::Manifest& manifest) {
  std::set<VolumeId> ids;
  for (const model::Document& document : manifest.documents) {
    if (const auto* volume = std::get_if<model::Volume>(&document.object)) ids.emplace(volume->pool, volume->name);
    if (const auto* image = std::get_if<model::Image>(&document.object)) ids.emplace(image->pool, image->name);
    const auto* machine = std::get_if<model::VirtualMachine>(&document.object);
    if (machine == nullptr) continue;
    // Its own name follows from its content; this one makes the pool known.
    if (machine->cloud_init) ids.emplace(seed_pool(*machine), machine->name + "-seed.iso");
    for (const model::Disk& disk : machine->disks) {
      ids.emplace(disk.pool, model::volume_name(*machine, disk));
      if (disk.image) ids.emplace(disk.pool, *disk.image);
    }
  }
  return ids;
}

}  // namespace vmtool::ops
