#pragma once
// A whole archive into a directory, within bounds.

#include <cstdint>
#include <string>

#include "images/layer_tree.hpp"

namespace vmtool::images {

struct UnpackBounds {
  std::uint64_t entries = 1'000'000;
  std::uint64_t name_bytes = std::uint64_t{256} << 20;  ///< of all paths and link targets together
  std::uint64_t decoded_bytes = 0;  ///< of the archive without its compression; 0: decoded_limit() of its size
};

struct UnpackResult {
  std::string diff_id;  ///< sha256 of the archive without its compression, as OCI's rootfs.diff_ids
  std::uint64_t entries = 0;
  TreeOmissions omissions;
};

/// Unpacks what the open file `archive` holds from its offset on. What was made stays where it throws: the caller removes
/// the directory. Throws Error{invalid_input} for a damaged or hostile archive and one beyond the bounds, SysError.
UnpackResult unpack(int archive, util::DirFd directory, const TreeRules& rules, const UnpackBounds& bounds,
                    const DecodedStream::Progress& progress);

/// What kind of archive an open file is, by the names in it.
enum class ArchiveKind {
  oci_layout,      ///< has the file "oci-layout" (OCI image-spec, image-layout.md)
  docker_archive,  ///< has the file "manifest.json" (`docker save`)
  root,            ///< the files of a system
};
/// Reads only as far as it must. Throws as unpack().
ArchiveKind kind_of_archive(int archive, const UnpackBounds& bounds);

}  // namespace vmtool::images
