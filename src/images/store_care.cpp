// Looking after the store: verify, remove, prune.
#include <fcntl.h>

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "images/helper_client.hpp"
#include "images/layers.hpp"
#include "images/reference.hpp"
#include "images/store.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

namespace fs = std::filesystem;
using util::Errc;
using util::Error;

// The directories and blobs that must stay.
struct Needed {
  std::set<fs::path> layers;
  std::set<fs::path> blobs;
};

Needed needed_by_images(const StoreFiles& files) {
  Needed out;
  for (const Descriptor& entry : files.read_index()) {
    const Manifest manifest = parse_manifest(files.read_document(entry.digest));
    out.blobs.insert(files.blob(entry.digest));
    out.blobs.insert(files.blob(manifest.config.digest));
    for (const Descriptor& layer : manifest.layers) out.blobs.insert(files.blob(layer.digest));
    for (const std::string& id : parse_config(files.read_document(manifest.config.digest)).diff_ids)
      out.layers.insert(files.layer(id));
  }
  return out;
}

std::uint64_t size_of_tree(const fs::path& layer) {
  try {
    const auto words = util::split(util::read_file(layer / "measure", 4096), '\n');
    return words.size() > 2 ? util::parse_decimal(words[2]).value_or(0) : 0;
  } catch (const Error&) {
    return 0;
  }
}

std::vector<fs::path> entries_of(const fs::path& directory) {
  std::vector<fs::path> out;
  if (!fs::exists(directory)) return out;
  for (const auto& entry : fs::directory_iterator(directory)) out.push_back(entry.path());
  return out;
}

std::vector<std::string> containers_on(const std::string& top_layer, const std::vector<LayerUser>& users) {
  std::vector<std::string> out;
  for (const LayerUser& user : users) {
    if (!user.layers.empty() && user.layers.front() == top_layer) out.push_back(user.name);
  }
  return out;
}

std::string damage_of_blob(const StoreFiles& files, const std::string& digest) {
  const fs::path path = files.blob(digest);
  if (!fs::exists(path)) return fmt::format("the blob {} is missing", digest);
  const bool is_whole = "sha256:" + util::sha256_hex_of_file(util::open_file(path, O_RDONLY).get()) == digest;
  return is_whole ? "" : fmt::format("the blob {} is damaged", digest);
}

}  // namespace

std::vector<std::string> Store::verify(const std::string& reference, util::Reporter& reporter) const {
  const util::FileLock held = hold();
  const Descriptor entry = open_entry(reference);
  std::vector<std::string> out;
  const auto add = [&](std::string damage) {
    if (!damage.empty()) out.push_back(std::move(damage));
  };
  add(damage_of_blob(files_, entry.digest));
  if (!out.empty()) return out;
  const Manifest manifest = parse_manifest(files_.read_document(entry.digest));
  add(damage_of_blob(files_, manifest.config.digest));
  for (const Descriptor& layer : manifest.layers) add(damage_of_blob(files_, layer.digest));
  if (!out.empty() && out.front().find(manifest.config.digest) != std::string::npos) return out;
  const std::vector<std::string> ids = parse_config(files_.read_document(manifest.config.digest)).diff_ids;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!is_layer_whole(files_, ids[i]))
      out.push_back(fmt::format("the files of layer {} are not what was unpacked", ids[i]));
    reporter.progress(fmt::format("verifying '{}'", entry.name), i + 1, ids.size());
  }
  return out;
}

// Empty where the image is damaged, which must not keep it from being removed.
std::string Store::top_layer_of(const Descriptor& entry) const {
  try {
    const StoredImage image = read_image(entry);
    return image.layers.empty() ? "" : image.layers.front().native();
  } catch (const Error&) {
    return "";
  }
}

Removed Store::remove(const std::string& reference, const LayerUsers& users) const {
  files_.make();
  const util::FileLock alone(files_.lock("store"), util::FileLock::Kind::exclusive);
  const Descriptor image = open_entry(reference);
  std::vector<Descriptor> rest = files_.read_index();
  std::erase_if(rest, [&](const Descriptor& entry) { return entry.name == image.name; });
  const bool has_other_name =
      std::any_of(rest.begin(), rest.end(), [&](const Descriptor& entry) { return entry.digest == image.digest; });
  const std::vector<LayerUser> in_use = users();
  const std::vector<std::string> names = containers_on(top_layer_of(image), in_use);
  if (!names.empty() && !has_other_name) {
    throw Error(Errc::conflict, fmt::format("image '{}' is what {} stand{} on", image.name, util::quoted_list(names),
                                            names.size() == 1 ? "s" : ""))
        .hint("delete the containers first");
  }
  files_.write_index(rest);
  return sweep(in_use);
}

Removed Store::prune(const LayerUsers& users) const {
  files_.make();
  const util::FileLock alone(files_.lock("store"), util::FileLock::Kind::exclusive);
  Removed out = sweep(users());
  for (const fs::path& path : entries_of(files_.pulls())) remove_tree(path);
  return out;
}

// With the lock held exclusively, nobody adds or uses anything.
Removed Store::sweep(const std::vector<LayerUser>& users) const {
  Needed needed = needed_by_images(files_);
  for (const LayerUser& user : users) {
    for (const std::string& tree : user.layers) needed.layers.insert(fs::path(tree).parent_path());
  }
  Removed out;
  for (const fs::path& path : entries_of(files_.directory() / "layers")) {
    if (needed.layers.count(path) != 0) continue;
    out.bytes += size_of_tree(path);
    ++out.layers;
    // Under its name it counts as whole until it is gone.
    const fs::path hidden = files_.temporary() / ("removed-" + path.filename().native());
    fs::rename(path, hidden);
  }
  for (const fs::path& path : entries_of(files_.directory() / "blobs" / "sha256")) {
    if (needed.blobs.count(path) != 0) continue;
    out.bytes += fs::file_size(path);
    ++out.blobs;
    fs::remove(path);
  }
  files_.clear_temporary();
  for (const fs::path& path : entries_of(files_.directory() / "locks")) {
    if (path.filename() != "store" && path.filename() != "index") fs::remove(path);
  }
  return out;
}

}  // namespace vmtool::images
