#pragma once
// A directory that archives are unpacked into, with something beside it that must stay as it is.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <string>

#include <gtest/gtest.h>

#include "images/unpack.hpp"
#include "tests/support/tar_text.hpp"
#include "tests/support/temp_dir.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::images {

class Unpacking : public ::testing::Test {
 protected:
  Unpacking() {
    std::filesystem::create_directory(tree());
    outside_ = directory_.write("outside", "untouched");
  }

  std::filesystem::path tree() const { return directory_.path() / "tree"; }
  std::filesystem::path outside() const { return outside_; }

  UnpackResult unpack_text(const std::string& archive, const UnpackBounds& bounds = {},
                           const TreeRules& rules = {}) const {
    const util::Fd file = util::open_file(directory_.write("archive", archive), O_RDONLY);
    return unpack(file.get(), util::open_dir(tree()), rules, bounds, [](std::uint64_t) {});
  }

  /// The error that unpacking ends with; nothing outside may have changed.
  std::string refusal(const std::string& archive, const UnpackBounds& bounds = {}) const {
    std::string out = "none";
    try {
      unpack_text(archive, bounds);
    } catch (const util::Error& error) {
      EXPECT_EQ(error.kind(), util::Errc::invalid_input) << error.message();
      out = error.message();
    }
    EXPECT_EQ(util::read_file(outside_, 100), "untouched");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_.path()), {}), 3)
        << "something was made outside";
    return out;
  }

  std::string content(const std::string& path) const { return util::read_file(tree() / path, 1 << 20); }

  struct stat status(const std::string& path) const {
    struct stat out {};
    EXPECT_EQ(::lstat((tree() / path).c_str(), &out), 0) << path;
    return out;
  }

  bool is_whiteout(const std::string& path) const {
    const struct stat found = status(path);
    return S_ISCHR(found.st_mode) && found.st_rdev == 0;
  }

  std::string xattr(const std::string& path, const char* name) const {
    std::string value(256, '\0');
    const ssize_t size = ::lgetxattr((tree() / path).c_str(), name, value.data(), value.size());
    return size < 0 ? "none" : value.substr(0, static_cast<std::size_t>(size));
  }
  bool is_opaque(const std::string& path) const { return xattr(path, "trusted.overlay.opaque") == "y"; }

 private:
  tests::TempDir directory_;
  std::filesystem::path outside_;
};

}  // namespace vmtool::images
