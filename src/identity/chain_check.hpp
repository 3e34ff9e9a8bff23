#pragma once
// An image's header may name any file of the host as its backing file; only the declared chain is ever opened.

#include <optional>
#include <string>

#include "identity/identity.hpp"

namespace vmtool::identity {

/// What a qcow2 header says of other files (docs/interop/qcow2.txt of QEMU).
struct Qcow2Links {
  std::string backing_file;  ///< empty: none
  bool has_data_file = false;
  bool is_encrypted = false;
};

/// Reads the header; absent where it is no qcow2 image. Throws SysError.
std::optional<Qcow2Links> read_qcow2_links(int descriptor);

/// Throws Error{conflict} where a header names a file that is not the next of the chain, has its data in another file or
/// is encrypted; Error{invalid_input} for a format that is not handled, a path that is relative, or no image; SysError
/// where a file can't be read.
void check_chain(const Disk& disk);

/// The chain as QEMU's own block options ("json:{…}"), every layer named and the last one without a backing file, so
/// that QEMU follows no header.
enum class ImageAccess { write, look };
std::string block_options(const Disk& disk, ImageAccess access);

/// The same as one JSON object with a node name, as --blockdev takes it.
std::string block_node(const Disk& disk, const std::string& node_name, ImageAccess access = ImageAccess::write);

}  // namespace vmtool::identity
