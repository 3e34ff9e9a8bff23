#include "manifest/tables.hpp"

namespace vmtool::manifest {

using namespace model;

template <>
const Table<Volume>& table<Volume>() {
  static const Table<Volume> fields = with_frame<Volume>({
      field("name", &Volume::name, "The volume's name in the pool.", {.required = true}),
      field("pool", &Volume::pool, "The libvirt storage pool that holds it."),
      field("format", &Volume::format, "The format of the file."),
      field("capacity", &Volume::capacity, "The size that a guest sees.", {.required = true}),
      field("preallocation", &Volume::preallocation, "How much is reserved at once; metadata with qcow2."),
      field("clusterSize", &Volume::cluster_size,
            "qcow2's unit of allocation, a power of two from 512B to 2MiB; QEMU's own without it."),
      field("lazyRefcounts", &Volume::lazy_refcounts,
            "Write qcow2's reference counts late: faster, and checked after a crash."),
      field("onDelete", &Volume::on_delete, "What becomes of the volume when its document's objects are deleted."),
      field("xml", &Volume::xml, "Edits of the finished libvirt XML, in their order."),
  });
  return fields;
}

template <>
const Table<Image>& table<Image>() {
  static const Table<Image> fields = with_frame<Image>({
      field("name", &Image::name, "The image's name, and that of its volume in the pool.", {.required = true}),
      group<Image>(
          "source", "Where the image comes from.",
          {field("file", &Image::source_file, "A file of this host.", {.required = true, .is_host_path = true})},
          {.required = true}),
      field("checksum", &Image::checksum, "What the file must be: sha256: and 64 hexadecimal digits."),
      field("pool", &Image::pool, "The libvirt storage pool that keeps it."),
  });
  return fields;
}

}  // namespace vmtool::manifest
