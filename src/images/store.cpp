#include "images/store.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "images/layers.hpp"
#include "images/reference.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

using util::Errc;
using util::Error;

constexpr std::size_t least_digits = 8;
constexpr std::string_view digest_prefix = "sha256:";

bool is_short_digest(std::string_view reference) {
  if (!reference.starts_with(digest_prefix)) return false;
  reference.remove_prefix(digest_prefix.size());
  return reference.size() >= least_digits && reference.size() <= 64 &&
         reference.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

StoredImage Store::read_image(const Descriptor& entry) const {
  return util::during(fmt::format("reading image '{}'", entry.name), [&] {
    const ConfigDocument document =
        parse_config(files_.read_document(parse_manifest(files_.read_document(entry.digest)).config.digest));
    StoredImage out{entry.name, entry.digest, document.architecture, document.created, 0, document.config, {}};
    for (const std::string& id : document.diff_ids) {
      out.size += layer_size(files_, id);
      out.layers.insert(out.layers.begin(), files_.layer(id) / "tree");
    }
    return out;
  });
}

std::optional<Descriptor> Store::find_entry(const std::string& reference) const {
  const bool is_digest = is_short_digest(reference);
  const std::string name = is_digest ? "" : normal_name(reference);
  std::optional<Descriptor> out;
  for (const Descriptor& entry : files_.read_index()) {
    if (!is_digest && entry.name == name) return entry;
    if (!is_digest || !entry.digest.starts_with(reference)) continue;
    if (out && out->digest != entry.digest)
      throw Error(Errc::conflict, fmt::format("several images have a digest that begins with '{}'", reference))
          .hint("write more of its digits");
    out = entry;
  }
  return out;
}

Descriptor Store::open_entry(const std::string& reference) const {
  if (auto entry = find_entry(reference)) return std::move(*entry);
  std::vector<std::string> names;
  for (const Descriptor& entry : files_.read_index()) names.push_back(entry.name);
  Error error(Errc::not_found, fmt::format("there is no image '{}'", util::printable(reference)));
  const auto similar = util::nearest(reference, names);
  throw error.hint(similar ? fmt::format("did you mean '{}'?", *similar)
                           : "see 'vmtool image list'; images come by 'vmtool image pull', 'import' or 'build'");
}

std::optional<StoredImage> Store::find(const std::string& reference) const {
  const auto entry = find_entry(reference);
  return entry ? std::optional(read_image(*entry)) : std::nullopt;
}

StoredImage Store::open_image(const std::string& reference) const { return read_image(open_entry(reference)); }

std::vector<StoredImage> Store::list() const {
  std::vector<StoredImage> out;
  for (const Descriptor& entry : files_.read_index()) out.push_back(read_image(entry));
  std::sort(out.begin(), out.end(), [](const StoredImage& a, const StoredImage& b) { return a.name < b.name; });
  return out;
}

void Store::name_image(const std::string& name, const std::string& manifest_digest, std::uint64_t manifest_size) const {
  const util::FileLock index(files_.lock("index"), util::FileLock::Kind::exclusive);
  std::vector<Descriptor> images = files_.read_index();
  std::erase_if(images, [&](const Descriptor& entry) { return entry.name == name; });
  const std::string type = media_type_of(files_.read_document(manifest_digest));
  images.push_back({type.empty() ? manifest_type : type, manifest_digest, manifest_size, "", "", name});
  files_.write_index(images);
}

util::FileLock Store::hold() const {
  files_.make();
  // What killed runs left is nobody's where nobody else is here.
  if (!std::filesystem::is_empty(files_.temporary())) {
    if (const auto alone = util::FileLock::try_exclusive(files_.lock("store"))) files_.clear_temporary();
  }
  return {files_.lock("store"), util::FileLock::Kind::shared};
}

}  // namespace vmtool::images
