#include <fmt/format.h>

#include "cli/image_commands.hpp"
#include "ops/image_users.hpp"
#include "ops/state_dir.hpp"
#include "util/bytes.hpp"

namespace vmtool::cli {
namespace {

constexpr std::size_t shown_digest = 19;  // "sha256:" and 12 digits

}  // namespace

std::string describe_image(const char* done, const images::StoredImage& image) {
  return fmt::format("{} image '{}' ({}, {})", done, image.name, image.digest.substr(0, shown_digest),
                     util::to_human({image.size}));
}

std::string describe_removed(const images::Removed& removed) {
  const auto count = [](std::uint64_t number, const char* what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
  };
  return fmt::format("removed {} and {}, {}", count(removed.layers, "layer"), count(removed.blobs, "blob"),
                     util::to_human({removed.bytes}));
}

images::LayerUsers layer_users(const images::Store& store) {
  return [directory = store.directory()] { return ops::image_users(ops::state_dir(), directory); };
}

}  // namespace vmtool::cli
