#include "images/add_image.hpp"

#include <sys/utsname.h>

#include <map>

#include <fmt/format.h>

#include "images/layers.hpp"
#include "images/reference.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

using util::Errc;
using util::Error;

Blob store_layer(const StoreFiles& files, const NewLayer& layer, util::Reporter& reporter, const std::string& title) {
  return layer.own_file.empty() ? add_blob(files, layer.file.get(), layer.digest, reporter, title)
                                : link_blob(files, layer.own_file, layer.digest, reporter, title);
}

ConfigDocument checked_config(const NewImage& image) {
  const ConfigDocument document = image.config.empty() ? image.document : parse_config(image.config);
  require_platform(document.architecture, document.os);
  if (!image.config.empty() && document.diff_ids.size() != image.layers.size()) {
    throw Error(Errc::invalid_input,
                fmt::format("the image is damaged: its configuration speaks of {} layers, and it has {}",
                            document.diff_ids.size(), image.layers.size()));
  }
  return document;
}

}  // namespace

std::string host_architecture() {
  utsname host{};
  ::uname(&host);
  static const std::map<std::string, std::string> names{
      {"x86_64", "amd64"}, {"aarch64", "arm64"}, {"i686", "386"}, {"armv7l", "arm"}};
  const auto found = names.find(host.machine);
  return found != names.end() ? found->second : host.machine;
}

void require_platform(const std::string& architecture, const std::string& os) {
  const std::string own = host_architecture();
  if (architecture == own && (os == "linux" || os.empty())) return;
  throw Error(
      Errc::invalid_input,
      fmt::format("the image is for {}/{}, and this host is linux/{}", os.empty() ? "linux" : util::printable(os),
                  architecture.empty() ? "an unknown architecture" : util::printable(architecture), own));
}

StoredImage add_image(const Store& store, const NewImage& image, util::Reporter& reporter) {
  const std::string name = normal_name(image.name);
  ConfigDocument document = checked_config(image);
  const util::FileLock held = store.hold();
  const StoreFiles& files = store.files();
  Manifest manifest;
  std::vector<std::string> diff_ids;
  for (std::size_t i = 0; i < image.layers.size(); ++i) {
    const NewLayer& layer = image.layers[i];
    const std::string which = fmt::format("layer {} of {}", i + 1, image.layers.size());
    const Blob blob = store_layer(files, layer, reporter, "storing " + which);
    diff_ids.push_back(util::during("unpacking " + which, [&] {
      return unpack_layer(files, blob, image.config.empty() ? "" : document.diff_ids[i], reporter,
                          "unpacking " + which);
    }));
    manifest.layers.push_back({layer_type, blob.digest, blob.size, "", "", ""});
  }
  document.diff_ids = diff_ids;
  const std::string expected_config = image.manifest.empty() ? "" : parse_manifest(image.manifest).config.digest;
  const Blob config = add_blob(files, image.config.empty() ? write_config(document) : image.config, expected_config);
  manifest.config = {config_type, config.digest, config.size, "", "", ""};
  const Blob stored = add_blob(files, image.manifest.empty() ? write_manifest(manifest) : image.manifest);
  store.name_image(name, stored.digest, stored.size);
  return store.open_image(name);
}

}  // namespace vmtool::images
