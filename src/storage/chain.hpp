#pragma once
// What an image file on this host says of itself, read by qemu-img and never by us.

#include <filesystem>
#include <string>
#include <vector>

#include "util/bytes.hpp"

namespace vmtool::storage {

/// One file of a backing chain.
struct ImageFile {
  std::string path;
  std::string format;
  util::Bytes virtual_size;
  util::Bytes actual_size;
  std::string backing_path;    ///< as the header resolves it; empty: none
  std::string backing_format;  ///< empty: not stated
};

/// The file's own header (qemu-img info, no backing file is opened). The format is probed only here, for files that a
/// user names; throws Error{invalid_input} where it is no image, SysError where it can't be read.
ImageFile inspect(const std::filesystem::path& path);

}  // namespace vmtool::storage
