#pragma once
// What an image file on this host says of itself, read by qemu-img and never by us.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "util/bytes.hpp"

namespace vmtool::storage {

/// One file of a backing chain.
struct ImageFile {
  std::string path;
  std::string format;
  util::Bytes virtual_size;
  util::Bytes actual_size;
  std::string backing_path;  ///< as the header resolves it; empty: none. May be no path at all (nbd://…, json:{…})
  std::string backing_format;  ///< empty: not stated
  std::string data_path;       ///< where a qcow2 header says that its data lie in another file; empty: none
};

/// The file's own header (qemu-img info, no backing file is opened). The format is probed only here, for files that a
/// user names; throws Error{invalid_input} where it is no image, SysError where it can't be read. The path is a path
/// whatever it looks like: "json:…" and "nbd://…" are names of files.
ImageFile inspect(const std::filesystem::path& path);

/// The meaning of `qemu-img info --output=json` of the image `path`. Throws Error{invalid_input}.
ImageFile read_image_info(const std::filesystem::path& path, std::string_view json);

}  // namespace vmtool::storage
