#pragma once
// An image of parts, checked and put into the store.

#include <filesystem>
#include <string>
#include <vector>

#include "images/documents.hpp"
#include "images/store.hpp"
#include "util/fd.hpp"

namespace vmtool::images {

/// A layer as it came: a tar archive, compressed or not.
struct NewLayer {
  util::Fd file;                   ///< read from its offset on
  std::filesystem::path own_file;  ///< instead: a file on the store's filesystem that only this process changes
  std::string digest;              ///< what it must have; empty: any
};

struct NewImage {
  std::string name;
  std::string manifest;  ///< as it was published; empty: one is written
  std::string config;    ///< as it was published; empty: `document` is written, with the layers' digests
  ConfigDocument document;
  std::vector<NewLayer> layers;  ///< lowest first
};

/// amd64, arm64 …: this host as images name it.
std::string host_architecture();

/// Throws Error{invalid_input} that names both where it is for another architecture or system than this host.
void require_platform(const std::string& architecture, const std::string& os);

/// Everything is verified before the name is given; two at once are safe. What was begun and not finished is removed by the next prune.
/// Throws Error{invalid_input} for an image that is damaged, hostile or for another platform, SysError.
StoredImage add_image(const Store& store, const NewImage& image, util::Reporter& reporter);

}  // namespace vmtool::images
