#pragma once
// What a container's root filesystem stands on.

#include <optional>
#include <string>
#include <vector>

#include "bundle/config.hpp"
#include "bundle/summary.hpp"
#include "ops/container_home.hpp"
#include "util/file_lock.hpp"
#include "util/reporter.hpp"

namespace vmtool::ops {

/// All that the host decides of a container that is new; `uuid` and `digest` are given. Where it stands on an archive, its layer is missing
/// until add_archive(). Throws Error{not_found} for what is missing.
bundle::ConfigFacts facts_of_new(const ContainerHome& home, const model::Container& container, const std::string& uuid,
                                 const std::string& digest);

/// The same for one that exists, under this or another name: it stays on the layers that it has, whatever its image's name stands for today.
bundle::ConfigFacts facts_of_existing(const ContainerHome& home, const model::Container& container,
                                      const bundle::Summary& summary, const std::string& digest);

/// Keeps the image store as it is while a container that stands on its layers is written down; none where these are other directories.
/// Throws Error{conflict} where a layer was removed meanwhile.
std::optional<util::FileLock> hold_layers(const std::vector<std::string>& layers);

/// Puts an archive's files into the image store, as the image archive_image(). Returns the layers.
std::vector<std::string> add_archive(const std::string& archive, const std::string& container,
                                     util::Reporter& reporter);

/// What the image of a container's archive is called.
std::string archive_image(const std::string& container);

/// Removes the image of an archive, unless another container, a clone, stands on it; any other image is left alone.
void forget_archive(const std::optional<bundle::ImageDefaults>& image);

}  // namespace vmtool::ops
