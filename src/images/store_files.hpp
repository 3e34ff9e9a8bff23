#pragma once
// What lies where in the store. It is an OCI image layout (image-layout.md) with two things more:
//
//   oci-layout  index.json          images by name
//   blobs/sha256/HEX                manifests, configurations and layers as they came, by their digest
//   layers/HEX/tree                 a layer unpacked, by the digest of its tar archive; a lower directory of overlays
//   layers/HEX/measure              what the tree was when it was unpacked (measure.hpp): digest, entries, bytes, a word a line
//   locks/store                     shared: somebody reads or adds; exclusive: somebody removes
//   locks/index                     exclusive: somebody changes index.json
//   locks/HEX                       exclusive: somebody unpacks the blob
//   tmp/                            whatever is not complete; of nobody once locks/store is held exclusively
//   pulls/HEX                       layouts that pulls fill, by the digest of the reference; the blobs of a broken one count for the next

#include <filesystem>
#include <string>
#include <vector>

#include "images/documents.hpp"
#include "util/fd.hpp"
#include "util/reporter.hpp"

namespace vmtool::images {

class StoreFiles {
 public:
  explicit StoreFiles(std::filesystem::path directory) : directory_(std::move(directory)) {}

  const std::filesystem::path& directory() const noexcept { return directory_; }
  std::filesystem::path lock(const std::string& name) const { return directory_ / "locks" / name; }
  std::filesystem::path blob(const std::string& digest) const;
  std::filesystem::path layer(const std::string& diff_id) const;
  std::filesystem::path temporary() const { return directory_ / "tmp"; }
  std::filesystem::path pulls() const { return directory_ / "pulls"; }

  /// Makes what is missing of it, closed to others: a layer may hold programs that change their user. Throws SysError.
  void make() const;
  bool exists() const;
  /// To be called with locks/store held exclusively.
  void clear_temporary() const;

  /// All images; none where there is no store. Throws Error.
  std::vector<Descriptor> read_index() const;
  /// To be called with locks/index held.
  void write_index(const std::vector<Descriptor>& images) const;
  /// A manifest or a configuration, with its digest checked. Throws Error{io} where it is damaged.
  std::string read_document(const std::string& digest) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace vmtool::images
