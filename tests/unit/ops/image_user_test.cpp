#include "ops/image_user.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_dir.hpp"
#include "util/error.hpp"

namespace vmtool::ops {
namespace {

class ImageUser : public testing::Test {
 protected:
  ImageUser() {
    for (const char* layer : {"top", "base"}) std::filesystem::create_directories(place_.path() / layer / "etc");
    std::ofstream(place_.path() / "base/etc/passwd") << "root:x:0:0::/:/bin/sh\nweb:x:33:44::/:/bin/sh\n";
    std::ofstream(place_.path() / "base/etc/group") << "root:x:0:\nstaff:x:50:web\n";
  }
  std::vector<std::string> layers() const { return {place_.path() / "top", place_.path() / "base"}; }
  tests::TempDir place_;
};

TEST_F(ImageUser, IsNumbersOrNamesOfTheImage) {
  EXPECT_EQ(image_user("", layers()), std::nullopt);
  EXPECT_EQ(image_user("7", layers()), (model::ContainerUser{7, 0, {}}));
  EXPECT_EQ(image_user("33", layers()), (model::ContainerUser{33, 44, {}})) << "the group of its line";
  EXPECT_EQ(image_user("7:8", layers()), (model::ContainerUser{7, 8, {}}));
  EXPECT_EQ(image_user("web", layers()), (model::ContainerUser{33, 44, {}}));
  EXPECT_EQ(image_user("web:staff", layers()), (model::ContainerUser{33, 50, {}}));
  EXPECT_THROW(image_user("nobody", layers()), util::Error);
  EXPECT_THROW(image_user("web:nobody", layers()), util::Error);
}

TEST_F(ImageUser, ALinkOfTheImageIsNotFollowedOnTheHost) {
  std::filesystem::create_symlink("/etc/passwd", place_.path() / "top/etc/passwd");
  EXPECT_EQ(image_user("web", layers()), (model::ContainerUser{33, 44, {}})) << "the next layer's";
  EXPECT_THROW(image_user("daemon", layers()), util::Error) << "the host has one";
}

}  // namespace
}  // namespace vmtool::ops
