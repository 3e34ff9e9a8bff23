#pragma once
// Overlays: qcow2 files that hold only what differs from their backing file.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "storage/copy.hpp"
#include "util/bytes.hpp"

namespace vmtool::storage {

/// Whether nothing was written to a qcow2 overlay since it was made: it has no data cluster of its own. Its backing file
/// is not opened. Throws SysError, and Error{invalid_input} where it is no qcow2 image.
bool is_empty_overlay(const std::filesystem::path& path);

/// The same for an image of another host, which `read` brings in pieces: its table of clusters (docs/interop/qcow2.txt of QEMU, L1 table) is empty.
using ReadPiece = std::function<std::string(std::uint64_t offset, std::uint64_t length)>;
bool is_empty_overlay(const ReadPiece& read);

/// Whether the file begins as a qcow2 image does. Throws SysError where it can't be read.
bool has_qcow2_header(const std::filesystem::path& path);

/// Makes an empty overlay under a name that is free; `backing` is an absolute path. Throws Error{io} with qemu-img's own words.
void make_overlay(const std::filesystem::path& path, const std::filesystem::path& backing, const std::string& format);

/// Writes what an overlay holds into the image below it, the second of the chain, on stable storage when it returns. May be run
/// again where it was interrupted. No other file is opened. Throws Error{io} with qemu-img's own words.
void commit_overlay(const std::vector<std::pair<std::filesystem::path, std::string>>& chain);

/// Whether the image has an internal snapshot of that name. Throws Error{io} with qemu-img's own words.
bool has_snapshot(const std::filesystem::path& path, const std::string& format, const std::string& snapshot);

/// Copies an image with everything below it into one file of the same format under a name that is free. `chain` is the
/// image and its backing files, top first, each with its format; no other file is opened. Where a snapshot is named, the content is that of this internal one of the image. Where the process is killed a
/// part of the file may be left. Throws Error{conflict} where `target` exists, Error{io} with qemu-img's own words.
void flatten(const std::vector<std::pair<std::filesystem::path, std::string>>& chain,
             const std::filesystem::path& target, util::Bytes capacity, const Progress& progress,
             const std::string& snapshot = "");

}  // namespace vmtool::storage
