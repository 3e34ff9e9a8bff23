#include "storage/overlay.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"
#include "util/command.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::storage {
namespace {

class Overlay : public testing::Test {
 protected:
  void SetUp() override {
    dir_.write("base.raw", std::string(1 << 20, 'b'));
    run({"qemu-img", "create", "-q", "-f", "qcow2", "-b", path("base.raw"), "-F", "raw", path("top.qcow2")});
  }
  std::string path(const std::string& name) const { return dir_.path() / name; }
  static void run(std::vector<std::string> args) { util::run_checked({.args = std::move(args)}); }

  tests::TempDir dir_;
};

TEST_F(Overlay, IsEmptyUntilSomethingIsWritten) {
  // From another host, in pieces.
  const auto far = [&](std::uint64_t offset, std::uint64_t length) {
    const std::string all = util::read_file(path("top.qcow2"), 10 << 20);
    return offset < all.size() ? all.substr(offset, length) : std::string();
  };
  EXPECT_TRUE(has_qcow2_header(path("top.qcow2")));
  EXPECT_FALSE(has_qcow2_header(path("base.raw")));
  EXPECT_TRUE(is_empty_overlay(path("top.qcow2")));
  EXPECT_TRUE(is_empty_overlay(far));
  run({"qemu-io", "-c", "write 512k 64k", path("top.qcow2")});
  EXPECT_FALSE(is_empty_overlay(path("top.qcow2")));
  EXPECT_FALSE(is_empty_overlay(far));
  EXPECT_THROW(is_empty_overlay([](std::uint64_t, std::uint64_t) { return std::string(72, '\xff'); }), util::Error);
}

// Zeros that hide what lies below are the guest's too.
TEST_F(Overlay, ThatWasZeroedIsNotEmpty) {
  run({"qemu-io", "-c", "write -z 0 64k", path("top.qcow2")});
  EXPECT_FALSE(is_empty_overlay(path("top.qcow2")));
}

TEST_F(Overlay, IsLookedAtWithoutItsBackingFile) {
  std::filesystem::remove(path("base.raw"));
  EXPECT_TRUE(is_empty_overlay(path("top.qcow2")));
  EXPECT_THROW(is_empty_overlay(dir_.write("text", "no image")), util::Error);
}

TEST_F(Overlay, IsFlattenedIntoOneFileThatHoldsTheSame) {
  run({"qemu-io", "-c", "write -P 0x61 512k 64k", path("top.qcow2")});
  std::uint64_t last = 0;
  flatten({{path("top.qcow2"), "qcow2"}, {path("base.raw"), "raw"}}, path("flat.qcow2"), {1 << 20},
          [&](std::uint64_t done, std::uint64_t) { last = done; });
  EXPECT_EQ(last, 1U << 20);
  run({"qemu-img", "compare", "-q", path("top.qcow2"), path("flat.qcow2")});
  const auto info = util::run_checked({.args = {"qemu-img", "info", path("flat.qcow2")}});
  EXPECT_THAT(info.out, testing::Not(testing::HasSubstr("backing")));
}

TEST_F(Overlay, IsNotFlattenedOverAFileAndLeavesNothingWhenStopped) {
  EXPECT_THROW(flatten({{path("top.qcow2"), "qcow2"}}, path("base.raw"), {1 << 20}, {}), util::Error);
  EXPECT_EQ(std::filesystem::file_size(path("base.raw")), 1U << 20);
  EXPECT_THROW(flatten({{path("missing"), "qcow2"}}, path("flat.qcow2"), {1 << 20}, {}), util::Error);
  EXPECT_FALSE(std::filesystem::exists(path("flat.qcow2")));
}

}  // namespace
}  // namespace vmtool::storage
