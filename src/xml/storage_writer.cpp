#include <fmt/format.h>

#include "xml/document.hpp"
#include "xml/edits.hpp"
#include "xml/storage.hpp"

namespace vmtool::xml {
namespace {

using model::DiskFormat;
using model::Preallocation;

void write_bytes(pugi::xml_node root, const char* name, util::Bytes size) {
  set(append(root, name, fmt::format("{}", size.count)), "unit", "bytes");
}

void write_target(pugi::xml_node root, const model::Volume& volume) {
  pugi::xml_node target = append(root, "target");
  set(append(target, "format"), "type", model::to_text(volume.format));
  if (volume.format != DiskFormat::qcow2) return;
  // Without it libvirt makes the format of 2008.
  append(target, "compat", "1.1");
  if (volume.cluster_size) write_bytes(target, "clusterSize", *volume.cluster_size);
  if (volume.lazy_refcounts) append(append(target, "features"), "lazy_refcounts");
}

}  // namespace

std::string write_volume(const model::Volume& volume) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("volume");
  append(root, "name", volume.name);
  write_bytes(root, "capacity", volume.capacity);
  // Without it libvirt allocates a raw volume fully.
  write_bytes(root, "allocation", volume.preallocation == Preallocation::falloc ? volume.capacity : util::Bytes{0});
  write_target(root, volume);
  if (volume.backing) {
    pugi::xml_node backing = append(root, "backingStore");
    append(backing, "path", volume.backing->path);
    set(append(backing, "format"), "type", model::to_text(volume.backing->format));
  }
  apply_edits(root, volume.xml, Missing::refuse);
  return serialize(root);
}

std::string write_pool(const model::Pool& pool) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("pool");
  set(root, "type", "dir");
  append(root, "name", pool.name);
  append(append(root, "target"), "path", pool.path);
  return serialize(root);
}

}  // namespace vmtool::xml
