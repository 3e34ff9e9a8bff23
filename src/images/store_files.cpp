#include "images/store_files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "images/helper_client.hpp"
#include "images/reference.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::images {

namespace fs = std::filesystem;
using util::Errc;
using util::Error;

fs::path StoreFiles::blob(const std::string& digest) const {
  return directory_ / "blobs" / "sha256" / hex_of_digest(digest);
}

fs::path StoreFiles::layer(const std::string& diff_id) const { return directory_ / "layers" / hex_of_digest(diff_id); }

bool StoreFiles::exists() const {
  const fs::path index = directory_ / "index.json";
  if (::access(index.c_str(), F_OK) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  throw util::SysError(errno, fmt::format("looking for '{}'", index.native()));
}

void StoreFiles::make() const {
  if (!fs::exists(directory_)) {
    fs::create_directories(directory_.parent_path());
    if (::mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST)
      throw util::SysError(errno, fmt::format("making '{}'", directory_.native()));
  }
  for (const char* name : {"blobs/sha256", "layers", "locks", "tmp", "pulls"})
    fs::create_directories(directory_ / name);
  if (!fs::exists(directory_ / "oci-layout"))
    util::write_file_atomic(directory_ / "oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
}

void StoreFiles::clear_temporary() const {
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(temporary())) entries.push_back(entry.path());
  for (const fs::path& entry : entries) remove_tree(entry);
}

std::vector<Descriptor> StoreFiles::read_index() const {
  if (!exists()) return {};
  return util::during("reading the index of the image store",
                      [&] { return parse_index(util::read_file(directory_ / "index.json", largest_document)); });
}

void StoreFiles::write_index(const std::vector<Descriptor>& images) const {
  util::write_file_atomic(directory_ / "index.json", images::write_index(images));
}

std::string StoreFiles::read_document(const std::string& digest) const {
  std::string text = util::read_file(blob(digest), largest_document);
  if ("sha256:" + util::sha256_hex(text) != digest) {
    throw Error(Errc::io, fmt::format("the file '{}' is not what it was when it was stored", blob(digest).native()))
        .hint("delete the image and import or pull it again");
  }
  return text;
}

}  // namespace vmtool::images
