#pragma once
// LVM2 physical volumes, read without LVM (lib/format_text/layout.h of LVM2). A logical volume that lies in one piece is
// nothing but a part of the disk.
//
//   sector 0–3: "LABELONE" … "LVM2 001" ─► header: uuid, data areas, metadata areas ─► metadata area: ring of text

#include <vector>

#include "identity/partitions.hpp"

namespace vmtool::identity {

/// The logical volumes that begin on the physical volume in `place`, with Partition::volume set. What does not lie in one
/// piece there (striped, mirrored, thin, spread over several places) has size 0 and its kind as content, "LVM thin".
/// Throws Error{invalid_input} where the metadata are damaged, and what the disk throws.
std::vector<Partition> logical_volumes(BlockDevice& disk, const Partition& place);

}  // namespace vmtool::identity
