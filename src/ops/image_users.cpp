#include "ops/image_users.hpp"

#include "ops/state_dir.hpp"
#include "util/file.hpp"

namespace vmtool::ops {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_container_config = std::size_t{16} << 20;
constexpr std::size_t digits = 64;

// Found by their text: whatever the place in the document, a name of a layer means that it is needed.
std::vector<std::string> layers_in(const std::string& config, const std::string& prefix) {
  std::vector<std::string> out;
  for (std::size_t at = config.find(prefix); at != std::string::npos; at = config.find(prefix, at + 1)) {
    const std::string tree = config.substr(at, prefix.size() + digits) + "/tree";
    if (config.compare(at, tree.size(), tree) == 0) out.push_back(tree);
  }
  return out;
}

}  // namespace

images::Store image_store() { return images::Store(state_dir() / "images"); }

std::vector<images::LayerUser> image_users(const fs::path& state_dir, const fs::path& store) {
  std::vector<images::LayerUser> out;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(state_dir / "containers", missing)) {
    const fs::path config = entry.path() / "config.json";
    if (!fs::exists(config)) continue;
    auto layers = layers_in(util::read_file(config, largest_container_config), (store / "layers").native() + "/");
    if (!layers.empty()) out.push_back({entry.path().filename(), std::move(layers)});
  }
  return out;
}

}  // namespace vmtool::ops
