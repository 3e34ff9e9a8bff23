#pragma once
// The images of one user (or of the host): found by name, shared by digest. Its files: store_files.hpp.
//
//   const images::Store store(ops::state_dir() / "images");
//   const auto held = store.hold();                          // nothing is removed meanwhile
//   const images::StoredImage image = store.open_image("busybox");
//   … write a config.json that names image.layers …          // from here on prune sees them in use

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "images/store_files.hpp"
#include "images/stored_image.hpp"
#include "util/file_lock.hpp"
#include "util/reporter.hpp"

namespace vmtool::images {

/// A container that stands on layers of the store.
struct LayerUser {
  std::string name;                 ///< of the container
  std::vector<std::string> layers;  ///< the directories in StoredImage::layers, in their order
};
/// Asked once nobody else can begin to use layers.
using LayerUsers = std::function<std::vector<LayerUser>()>;

/// What removing gave back.
struct Removed {
  std::uint64_t layers = 0;
  std::uint64_t blobs = 0;
  std::uint64_t bytes = 0;  ///< of the files in layers and blobs
};

class Store {
 public:
  /// The directory need not exist: it is made by the first image.
  explicit Store(std::filesystem::path directory) : files_(std::move(directory)) {}

  const std::filesystem::path& directory() const noexcept { return files_.directory(); }
  const StoreFiles& files() const noexcept { return files_; }

  /// Makes a name stand for an image whose blobs and layers are there; hold() must be held.
  void name_image(const std::string& name, const std::string& manifest_digest, std::uint64_t manifest_size) const;

  /// By its name ("busybox" and "busybox:latest" are the same), or by "sha256:" and at least 8 digits of its digest. Throws Error{invalid_input}
  /// for what can be no name, Error{conflict} where several digests begin so, Error{io} for a damaged store.
  std::optional<StoredImage> find(const std::string& reference) const;
  /// As find(), but Error{not_found} where there is none, with a similar name as hint.
  StoredImage open_image(const std::string& reference) const;
  /// Its digest alone, also where the image is damaged. Throws Error{not_found} as open_image().
  std::string open_digest(const std::string& reference) const { return open_entry(reference).digest; }
  /// By name.
  std::vector<StoredImage> list() const;

  /// Keeps others from removing anything until it ends; makes the store where it is missing. To be held from open_image() on until
  /// what names its layers is written.
  util::FileLock hold() const;

  /// What is wrong with an image, a sentence each: every blob and every file of its layers is read. Throws as open_image().
  std::vector<std::string> verify(const std::string& reference, util::Reporter& reporter) const;

  /// Forgets a name, and removes what only that image needed. Throws as open_image(), and Error{conflict} that names the containers
  /// that stand on it.
  Removed remove(const std::string& reference, const LayerUsers& users) const;
  /// Removes what no image and no container needs: layers, blobs, and what broken pulls and killed runs left.
  Removed prune(const LayerUsers& users) const;

 private:
  StoredImage read_image(const Descriptor& entry) const;
  std::optional<Descriptor> find_entry(const std::string& reference) const;
  Descriptor open_entry(const std::string& reference) const;
  std::string top_layer_of(const Descriptor& entry) const;
  Removed sweep(const std::vector<LayerUser>& users) const;

  StoreFiles files_;
};

}  // namespace vmtool::images
