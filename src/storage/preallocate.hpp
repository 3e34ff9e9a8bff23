#pragma once
// Disks with all their space taken from the start, which libvirt's storage API can't make.

#include <filesystem>

#include "storage/copy.hpp"
#include "util/bytes.hpp"

namespace vmtool::storage {

/// How a qcow2 file is laid out (qemu-img(1)).
struct Qcow2Layout {
  util::Bytes cluster_size{65536};
  bool lazy_refcounts = false;
};

/// Makes a qcow2 file (compat 1.1, preallocation=full: zeros are written to every cluster) under a name that is free,
/// mode 0600. The name appears when the file is complete; on a failure nothing is left. Throws Error{conflict} where
/// `path` exists, SysError, and Error{io} with qemu-img's own words.
void make_full_qcow2(const std::filesystem::path& path, util::Bytes capacity, const Qcow2Layout& layout,
                     const Progress& progress);

}  // namespace vmtool::storage
