#pragma once
// Volumes and pools ↔ libvirt storage XML (formatstorage.html).

#include <optional>
#include <string>
#include <string_view>

#include "model/volume.hpp"

namespace vmtool::xml {

/// XML of a new volume: compat 1.1 for qcow2; allocation 0 always stated but for falloc (then the capacity).
std::string write_volume(const model::Volume& volume);

/// What libvirt says of an existing volume.
struct VolumeFacts {
  std::string name;
  std::string path;
  std::string format;  ///< libvirt's word; may be one that the model does not know, e.g. "iso"
  util::Bytes capacity;
  util::Bytes allocation;
  std::string backing_path;    ///< empty: none
  std::string backing_format;  ///< empty: not stated
  std::string compat;          ///< qcow2: "0.10" or "1.1"
  bool lazy_refcounts = false;
  std::optional<util::Bytes> cluster_size;
};
VolumeFacts read_volume(std::string_view xml);

std::string write_pool(const model::Pool& pool);
/// Throws Error{invalid_input} where it is no pool XML; a pool of another type has its target path or an empty one.
model::Pool read_pool(std::string_view xml);

}  // namespace vmtool::xml
