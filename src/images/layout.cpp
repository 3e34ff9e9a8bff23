#include "images/layout.hpp"

#include <fcntl.h>

#include <set>

#include <fmt/format.h>

#include "images/reference.hpp"
#include "isolation/rooted.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

using util::Errc;
using util::Error;
using util::Fd;

// A layer that two images share may be a link within the archive.
Fd open_inside(const util::DirFd& directory, const std::string& path) {
  Fd file(isolation::open_in_root(directory.get(), path.c_str(), O_RDONLY | O_NONBLOCK));
  if (!file) throw util::SysError(errno, fmt::format("opening '{}' of the image", util::printable(path)));
  return file;
}

bool has_file(const util::DirFd& directory, const char* name) {
  return static_cast<bool>(Fd(isolation::open_in_root(directory.get(), name, O_PATH)));
}

std::string blob_path(const std::string& digest) { return "blobs/sha256/" + hex_of_digest(digest); }

std::string read_blob(const util::DirFd& directory, const std::string& digest) {
  std::string text = util::read_all(open_inside(directory, blob_path(digest)).get(), largest_document);
  if ("sha256:" + util::sha256_hex(text) != digest)
    throw Error(Errc::invalid_input, fmt::format("a document of the image has another digest than {}", digest))
        .hint("it is damaged; nothing of it is used");
  return text;
}

// An entry of the index may be an index itself: one image for several architectures.
std::vector<Descriptor> with_inner(const util::DirFd& directory, const Descriptor& entry) {
  if (!is_index_type(entry.media_type)) return {entry};
  return parse_index(read_blob(directory, entry.digest));
}

template <class Item, class NamesOf>
const Item& choose(const std::vector<Item>& items, const std::string& reference, NamesOf names_of) {
  std::vector<std::string> names;
  const Item* found = nullptr;
  for (const Item& item : items) {
    for (const std::string& name : names_of(item)) {
      if (!name.empty()) names.push_back(name);
      if (name == reference) found = &item;
    }
  }
  if (items.empty()) throw Error(Errc::not_found, "there is no image in it");
  if (reference.empty() && items.size() == 1) return items.front();
  const std::string known = names.empty() ? "it gives no names" : fmt::format("it has {}", util::quoted_list(names));
  if (reference.empty())
    throw Error(Errc::conflict, "there are several images in it").hint(known + "; choose one by --reference");
  if (found == nullptr)
    throw Error(Errc::not_found, fmt::format("there is no image '{}' in it", util::printable(reference))).hint(known);
  return *found;
}

NewImage open_oci(const util::DirFd& directory, const std::string& reference) {
  const std::vector<Descriptor> index =
      parse_index(util::read_all(open_inside(directory, "index.json").get(), largest_document));
  // A layout that lists the same image for several architectures without names is one image.
  const bool is_one =
      reference.empty() && index.size() > 1 && std::all_of(index.begin(), index.end(), [](const Descriptor& entry) {
        return entry.name.empty() && !entry.architecture.empty();
      });
  const Descriptor chosen =
      is_one ? for_this_host(index)
             : choose(index, reference, [](const Descriptor& entry) { return std::vector<std::string>{entry.name}; });
  NewImage out;
  out.name = chosen.name;
  out.manifest = read_blob(directory, for_this_host(with_inner(directory, chosen)).digest);
  const Manifest manifest = parse_manifest(out.manifest);
  out.config = read_blob(directory, manifest.config.digest);
  for (const Descriptor& layer : manifest.layers)
    out.layers.push_back({open_inside(directory, blob_path(layer.digest)), {}, layer.digest});
  return out;
}

NewImage open_docker(const util::DirFd& directory, const std::string& reference) {
  const std::vector<DockerImage> list =
      parse_docker_manifest(util::read_all(open_inside(directory, "manifest.json").get(), largest_document));
  const DockerImage chosen = choose(list, reference, [](const DockerImage& image) { return image.names; });
  NewImage out;
  out.name = chosen.names.empty() ? "" : chosen.names.front();
  out.config = util::read_all(open_inside(directory, chosen.config).get(), largest_document);
  for (const std::string& layer : chosen.layers) out.layers.push_back({open_inside(directory, layer), {}, ""});
  return out;
}

}  // namespace

LayoutKind layout_kind(const util::DirFd& directory) {
  if (has_file(directory, "oci-layout")) return LayoutKind::oci;
  return has_file(directory, "manifest.json") ? LayoutKind::docker : LayoutKind::none;
}

NewImage open_layout(const util::DirFd& directory, LayoutKind kind, const std::string& reference) {
  return kind == LayoutKind::oci ? open_oci(directory, reference) : open_docker(directory, reference);
}

Descriptor for_this_host(const std::vector<Descriptor>& candidates) {
  std::set<std::string> others;
  for (const Descriptor& candidate : candidates) {
    if (candidate.architecture.empty() || (candidate.architecture == host_architecture() && candidate.os == "linux"))
      return candidate;
    if (candidate.architecture != "unknown")
      others.insert(fmt::format("{}/{}", util::printable(candidate.os), util::printable(candidate.architecture)));
  }
  const std::vector<std::string> names(others.begin(), others.end());
  throw Error(Errc::invalid_input,
              fmt::format("the image is for {}, and this host is linux/{}",
                          names.empty() ? "no platform" : util::join(names, ", "), host_architecture()));
}

}  // namespace vmtool::images
