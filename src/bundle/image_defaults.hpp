#pragma once
// What a container's image says of the process that it is meant for: kept in config.json, since the image itself may change its
// name or go while the container stands on its layers.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/container.hpp"

namespace vmtool::bundle {

/// Of image-spec's config.
struct ImageDefaults {
  std::string name{};    ///< as the manifest has it
  std::string digest{};  ///< "sha256:…"; empty: not from the store
  std::vector<std::string> entrypoint{};
  std::vector<std::string> cmd{};
  std::vector<std::string> env{};  ///< NAME=VALUE
  std::string cwd{};
  std::optional<model::ContainerUser> user{};
  std::string stop_signal{};
};

/// The annotation's text, a JSON object.
std::string write_image_defaults(const ImageDefaults& image);

/// What write_image_defaults() wrote; absent for any other text.
std::optional<ImageDefaults> read_image_defaults(std::string_view text);

}  // namespace vmtool::bundle
