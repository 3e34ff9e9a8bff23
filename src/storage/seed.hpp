#pragma once
// Seeds of cloud-init: ISO 9660 images with the label 'cidata' that hold meta-data, user-data and network-config
// (cloud-init's NoCloud data source). Written and read by libarchive, which is loaded by the first call.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace vmtool::storage {

struct SeedFile {
  std::string name;  ///< "meta-data"
  std::string content;
};

/// Whether the file is an ISO 9660 image with that label, in any case (ECMA-119, 8.4.8). Throws SysError.
bool is_seed(const std::filesystem::path& path);

/// The regular files at the top of a seed. Throws SysError, Error{invalid_input} where it can't be read or holds more
/// than a seed does, Error{unavailable} where libarchive is not installed.
std::vector<SeedFile> read_seed(const std::filesystem::path& path);

/// Writes a seed under a name that is free, mode 0600; on a failure nothing is left. Throws Error{conflict} where `path`
/// exists, SysError, Error{unavailable} as read_seed.
void write_seed(const std::filesystem::path& path, const std::vector<SeedFile>& files);

}  // namespace vmtool::storage
