#include "images/unpack.hpp"

#include <sys/stat.h>

#include <cerrno>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

using util::Errc;
using util::Error;

// Counts what the entries cost in memory and in directory entries.
class EntryBudget {
 public:
  explicit EntryBudget(const UnpackBounds& bounds) : bounds_(bounds) {}

  void take(const TarEntry& entry) {
    names_ += entry.path.size() + entry.target.size();
    if (++entries_ > bounds_.entries)
      throw Error(Errc::invalid_input, fmt::format("the archive has more than {} entries", bounds_.entries));
    if (names_ > bounds_.name_bytes) throw Error(Errc::invalid_input, "the names in the archive are too long in all");
  }
  std::uint64_t entries() const noexcept { return entries_; }

 private:
  const UnpackBounds& bounds_;
  std::uint64_t entries_ = 0;
  std::uint64_t names_ = 0;
};

std::uint64_t limit_for(int archive, const UnpackBounds& bounds) {
  if (bounds.decoded_bytes != 0) return bounds.decoded_bytes;
  struct stat status {};
  if (::fstat(archive, &status) != 0) throw util::SysError(errno, "looking at the archive");
  return decoded_limit(static_cast<std::uint64_t>(status.st_size));
}

bool is_hex_name(const std::string& name) {
  return name.size() == 64 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// Whether an archive of an image, as opposed to one of its files, may have this at its top.
bool may_be_in_image(const std::string& path) {
  const std::string top = path.substr(0, path.find('/'));
  return top.empty() || top == "blobs" || is_hex_name(top) || top == "oci-layout" || top == "repositories" ||
         (top == path && (top.ends_with(".json") || top.ends_with(".tar")));
}

}  // namespace

UnpackResult unpack(int archive, util::DirFd directory, const TreeRules& rules, const UnpackBounds& bounds,
                    const DecodedStream::Progress& progress) {
  DecodedStream stream(archive, limit_for(archive, bounds), progress);
  TarReader tar(stream);
  LayerTree tree(std::move(directory), rules);
  EntryBudget budget(bounds);
  while (const auto entry = tar.next()) {
    budget.take(*entry);
    tree.put(*entry, [&] { return tar.next_block(); });
  }
  tree.finish();
  return {stream.finish(), budget.entries(), tree.omissions()};
}

ArchiveKind kind_of_archive(int archive, const UnpackBounds& bounds) {
  DecodedStream stream(archive, limit_for(archive, bounds), [](std::uint64_t) {});
  TarReader tar(stream);
  EntryBudget budget(bounds);
  bool has_manifest = false;
  while (const auto entry = tar.next()) {
    budget.take(*entry);
    const std::string path = clean_layer_path(entry->path);
    if (path == "oci-layout") return ArchiveKind::oci_layout;
    if (!may_be_in_image(path)) return ArchiveKind::root;
    has_manifest = has_manifest || path == "manifest.json";
  }
  return has_manifest ? ArchiveKind::docker_archive : ArchiveKind::root;
}

}  // namespace vmtool::images
