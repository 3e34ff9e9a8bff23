#pragma once
// Overlays: qcow2 files that hold only what differs from their backing file.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "storage/copy.hpp"
#include "util/bytes.hpp"

namespace vmtool::storage {

/// Whether nothing was written to a qcow2 overlay since it was made: it has no data cluster of its own. Its backing file
/// is not opened. Throws SysError, and Error{invalid_input} where it is no qcow2 image.
bool is_empty_overlay(const std::filesystem::path& path);

/// Copies an image with everything below it into one file of the same format under a name that is free. `chain` is the
/// image and its backing files, top first, each with its format; no other file is opened. Where the process is killed a
/// part of the file may be left. Throws Error{conflict} where `target` exists, Error{io} with qemu-img's own words.
void flatten(const std::vector<std::pair<std::filesystem::path, std::string>>& chain, const std::filesystem::path& target, util::Bytes capacity,
             const Progress& progress);

}  // namespace vmtool::storage
