#include "storage/chain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/require.hpp"
#include "tests/support/temp_dir.hpp"
#include "util/command.hpp"
#include "util/error.hpp"

namespace vmtool::storage {
namespace {

using testing::HasSubstr;

class Inspect : public testing::Test {
 protected:
  void SetUp() override { VMTOOL_NEEDS("qemu-img"); }
  std::filesystem::path make(const std::string& name, std::vector<std::string> options) const {
    const auto path = dir_.path() / name;
    std::vector<std::string> args{"qemu-img", "create", "-q"};
    args.insert(args.end(), options.begin(), options.end());
    args.push_back("file:" + path.native());
    args.emplace_back("10M");
    util::run_checked({.args = args});
    return path;
  }
  static util::Error error_of(const std::filesystem::path& path) {
    try {
      inspect(path);
    } catch (const util::Error& error) {
      return error;
    }
    return {util::Errc::internal, "nothing was thrown"};
  }
  tests::TempDir dir_;
};

TEST_F(Inspect, ReadsAQcow2Header) {
  const ImageFile image = inspect(make("a.qcow2", {"-f", "qcow2"}));
  EXPECT_EQ(image.path, dir_.path() / "a.qcow2");
  EXPECT_EQ(image.format, "qcow2");
  EXPECT_EQ(image.virtual_size, util::Bytes{10 << 20});
  EXPECT_LT(image.actual_size, util::Bytes{1 << 20});
  EXPECT_EQ(image.backing_path, "");
  EXPECT_EQ(image.data_path, "");
}

TEST_F(Inspect, TakesAnythingElseForRaw) {
  const ImageFile image = inspect(dir_.write("plain", std::string(4096, 'x')));
  EXPECT_EQ(image.format, "raw");
  EXPECT_EQ(image.virtual_size, util::Bytes{4096});
}

TEST_F(Inspect, ResolvesARelativeBackingFileThatNeedNotExist) {
  make("base.qcow2", {"-f", "qcow2"});
  const auto overlay = make("top.qcow2", {"-f", "qcow2", "-b", "base.qcow2", "-F", "qcow2"});
  std::filesystem::remove(dir_.path() / "base.qcow2");
  const ImageFile image = inspect(overlay);
  EXPECT_EQ(image.backing_path, dir_.path() / "base.qcow2");
  EXPECT_EQ(image.backing_format, "qcow2");
}

TEST_F(Inspect, TellsOfABackingFileThatIsNoFile) {
  const auto path = make("top.qcow2", {"-u", "-f", "qcow2", "-b", "nbd://127.0.0.1:1/x", "-F", "raw"});
  EXPECT_EQ(inspect(path).backing_path, "nbd://127.0.0.1:1/x");
}

TEST_F(Inspect, TellsOfAnExternalDataFile) {
  const auto path = make("d.qcow2", {"-f", "qcow2", "-o", "data_file=" + (dir_.path() / "elsewhere").native()});
  EXPECT_EQ(inspect(path).data_path, dir_.path() / "elsewhere");
}

TEST_F(Inspect, HostileNamesAreNames) {
  for (const std::string name :
       {"json:{}", "nbd:127.0.0.1:1", "a,b=c,,d", "-x", "a\nformat: raw", "%s\"'<&>", "file:x"}) {
    EXPECT_EQ(inspect(make(name, {"-f", "qcow2"})).format, "qcow2") << name;
  }
}

TEST_F(Inspect, WhatIsNoImageIsNamed) {
  EXPECT_EQ(error_of(dir_.path() / "none").kind(), util::Errc::not_found);
  EXPECT_EQ(error_of(dir_.path()).kind(), util::Errc::invalid_input);
  EXPECT_THAT(error_of(dir_.path()).message(), HasSubstr("it is a directory"));
  EXPECT_EQ(error_of("/dev/null").kind(), util::Errc::invalid_input);
  // A qcow2 header that ends after its magic.
  const util::Error broken =
      error_of(dir_.write("cut.qcow2", std::string("QFI\xfb\0\0\0\3", 8) + std::string(504, '\0')));
  EXPECT_EQ(broken.kind(), util::Errc::invalid_input) << broken.message();
}

TEST(ImageInfo, WhatIsNotUnderstoodIsInvalid) {
  for (const char* text : {"", "[]", "{", "{}", R"({"format":"raw"})", R"({"format":1,"virtual-size":1})",
                           R"({"format":"raw","virtual-size":"x"})", "{\"format\":\"\xff\",\"virtual-size\":1}"}) {
    try {
      read_image_info("/a", text);
      ADD_FAILURE() << text << " was accepted";
    } catch (const util::Error& error) {
      EXPECT_EQ(error.kind(), util::Errc::invalid_input);
      EXPECT_THAT(error.message(), HasSubstr("'/a'"));
    }
  }
}

}  // namespace
}  // namespace vmtool::storage
