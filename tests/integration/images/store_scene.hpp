#pragma once
// A store of its own for each test, images to put into it, and what the helper program leaves.

#include <fcntl.h>

#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "images/add_image.hpp"
#include "images/import.hpp"
#include "images/store.hpp"
#include "tests/support/require.hpp"
#include "tests/support/tar_text.hpp"
#include "tests/support/temp_dir.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::images {

class StoreScene : public ::testing::Test {
 protected:
  StoreScene() : store(directory_.path() / "images") {
    const char* build = std::getenv("VMTOOL_BUILD_DIR");
    if (build != nullptr) ::setenv("VMTOOL_LIBEXEC_DIR", (std::filesystem::path(build) / "src/images").c_str(), 1);
  }

  std::filesystem::path path(const std::string& name) const { return directory_.path() / name; }
  std::filesystem::path write(const std::string& name, const std::string& content) const {
    return directory_.write(name, content);
  }

  /// An image of one layer for each archive.
  StoredImage add(const std::string& name, const std::vector<std::string>& archives) {
    NewImage image{name, "", "", plain_document(), {}};
    for (const std::string& archive : archives)
      image.layers.push_back(
          {util::open_file(write("layer-" + std::to_string(image.layers.size()), archive), O_RDONLY), {}, ""});
    return add_image(store, image, quiet_);
  }
  StoredImage import(const std::filesystem::path& source, const std::string& name = "",
                     const std::string& reference = "") {
    return import_image(store, {source, name, reference}, quiet_);
  }
  std::vector<std::string> verify(const std::string& name) { return store.verify(name, quiet_); }

  static std::size_t count(const std::filesystem::path& directory) {
    return std::filesystem::exists(directory)
               ? static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory), {}))
               : 0;
  }
  std::size_t layers() const { return count(store.directory() / "layers"); }
  std::size_t blobs() const { return count(store.directory() / "blobs/sha256"); }
  std::size_t unfinished() const { return count(store.directory() / "tmp"); }

  /// The error of `f`, with its kind.
  template <class F>
  static std::string error_of(F f) {
    try {
      f();
    } catch (const util::Error& error) {
      return std::string(util::to_text(error.kind())) + ": " + error.message();
    }
    return "none";
  }

 private:
  tests::TempDir directory_;
  util::Reporter quiet_;

 protected:
  Store store;
};

}  // namespace vmtool::images
