#pragma once
// Disks at rest: volumes, images and the pools they lie in (libvirt formatstorage.html).

#include <optional>
#include <string>
#include <vector>

#include "model/enum_text.hpp"
#include "model/xml_edit.hpp"
#include "util/bytes.hpp"

namespace vmtool::model {

enum class DiskFormat { qcow2, raw };
template <>
struct Words<DiskFormat> {
  static constexpr WordTable<DiskFormat, 2> table{{{DiskFormat::qcow2, "qcow2"}, {DiskFormat::raw, "raw"}}};
};

/// qemu-img's preallocation modes; `metadata` is qcow2 only.
enum class Preallocation { off, metadata, falloc, full };
template <>
struct Words<Preallocation> {
  static constexpr WordTable<Preallocation, 4> table{{{Preallocation::off, "off"},
                                                      {Preallocation::metadata, "metadata"},
                                                      {Preallocation::falloc, "falloc"},
                                                      {Preallocation::full, "full"}}};
};

enum class OnDelete { retain, remove };
template <>
struct Words<OnDelete> {
  static constexpr WordTable<OnDelete, 2> table{{{OnDelete::retain, "retain"}, {OnDelete::remove, "delete"}}};
};

/// What a new volume starts with.
struct BackingFile {
  std::string path;
  DiskFormat format = DiskFormat::qcow2;
  friend bool operator==(const BackingFile&, const BackingFile&) = default;
};

/// A volume. Its libvirt name is `name` to the letter, in pool `pool`.
struct Volume {
  std::string name;
  std::string pool = "default";
  DiskFormat format = DiskFormat::qcow2;
  util::Bytes capacity;
  Preallocation preallocation = Preallocation::off;
  std::optional<util::Bytes> cluster_size;  ///< qcow2 only; a power of two, 512 B … 2 MiB
  bool lazy_refcounts = false;              ///< qcow2 only
  OnDelete on_delete = OnDelete::retain;
  std::optional<BackingFile> backing;  ///< not a manifest key: the image an overlay stands on
  std::vector<XmlEdit> xml;
  friend bool operator==(const Volume&, const Volume&) = default;
};

/// A ready-made disk image that becomes a volume of the pool, by name, for machines to start from.
struct Image {
  std::string name;
  std::string source_file;  ///< key source.file; a path on this host
  std::string checksum;     ///< "sha256:" and 64 hexadecimal digits, or empty
  std::string pool = "default";
  friend bool operator==(const Image&, const Image&) = default;
};

/// A directory pool.
struct Pool {
  std::string name;
  std::string path;  ///< absolute
  friend bool operator==(const Pool&, const Pool&) = default;
};

}  // namespace vmtool::model
