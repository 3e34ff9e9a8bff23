#include "storage/copy.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include "storage/preallocate.hpp"
#include "tests/support/require.hpp"
#include "tests/support/temp_dir.hpp"
#include "util/command.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::storage {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t mib = 1 << 20;

struct stat status_of(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status;
}

std::size_t entries(const std::filesystem::path& path) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
}

template <class F>
util::Error error_of(const F& f) {
  try {
    f();
  } catch (const util::Error& error) {
    return error;
  }
  return {util::Errc::internal, "nothing was thrown"};
}

class Copy : public testing::Test {
 protected:
  /// 24 MiB with data at 4 MiB and, unaligned, up to the end.
  std::filesystem::path sparse_source() const {
    auto path = dir_.path() / "source";
    const util::Fd file = util::open_file(path, O_RDWR | O_CREAT, 0600);
    EXPECT_EQ(::ftruncate(file.get(), 24 * mib), 0);
    const std::string text(mib / 2 + 13, 'd');
    EXPECT_EQ(::pwrite(file.get(), text.data(), text.size(), 4 * mib), static_cast<ssize_t>(text.size()));
    EXPECT_EQ(::pwrite(file.get(), "end", 3, 24 * mib - 3), 3);
    return path;
  }
  std::filesystem::path target() const { return dir_.path() / "target"; }
  tests::TempDir dir_;
};

TEST_F(Copy, KeepsTheHolesAndTheContent) {
  const auto source = sparse_source();
  std::vector<std::uint64_t> done;
  EXPECT_EQ(copy_file(source, target(), Reflink::never,
                      [&](std::uint64_t bytes, std::uint64_t total) {
                        EXPECT_EQ(total, 24 * mib);
                        done.push_back(bytes);
                      }),
            CopyWay::sparse);
  EXPECT_TRUE(util::read_file(target(), 64 * mib) == util::read_file(source, 64 * mib));
  EXPECT_LE(status_of(target()).st_blocks, status_of(source).st_blocks + 16);
  EXPECT_EQ(status_of(target()).st_mode & 0777, 0600U);
  EXPECT_EQ(done.back(), 24 * mib);
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
  EXPECT_EQ(entries(dir_.path()), 2U);
}

TEST_F(Copy, KeepsAHoleAtTheEndAndAnEmptyFile) {
  const auto source = dir_.write("source", "start");
  ASSERT_EQ(::truncate(source.c_str(), 8 * mib), 0);
  copy_file(source, target(), Reflink::never, {});
  EXPECT_EQ(status_of(target()).st_size, 8 * static_cast<off_t>(mib));
  EXPECT_LT(status_of(target()).st_blocks, 64);
  copy_file(dir_.write("empty", ""), dir_.path() / "empty-copy", Reflink::if_possible, {});
  EXPECT_EQ(status_of(dir_.path() / "empty-copy").st_size, 0);
}

TEST_F(Copy, AReflinkIsMadeOrReplacedOrRefused) {
  const auto source = sparse_source();
  const CopyWay way = copy_file(source, target(), Reflink::if_possible, {});
  EXPECT_TRUE(util::read_file(target(), 64 * mib) == util::read_file(source, 64 * mib));
  const auto second = dir_.path() / "second";
  const util::Error error = error_of([&] { copy_file(source, second, Reflink::required, {}); });
  if (way == CopyWay::reflink) {
    EXPECT_TRUE(std::filesystem::exists(second));
  } else {
    EXPECT_EQ(error.kind(), util::Errc::unavailable);
    EXPECT_THAT(error.hint(), HasSubstr("XFS"));
    EXPECT_EQ(entries(dir_.path()), 2U);
  }
}

TEST_F(Copy, ATakenNameIsAConflictAndStays) {
  const auto source = sparse_source();
  dir_.write("target", "mine");
  EXPECT_EQ(error_of([&] { copy_file(source, target(), Reflink::never, {}); }).kind(), util::Errc::conflict);
  EXPECT_EQ(util::read_file(target(), 100), "mine");
  EXPECT_EQ(entries(dir_.path()), 2U);
}

TEST_F(Copy, ANameTakenMeanwhileIsAConflictAndStays) {
  const auto source = sparse_source();
  const auto take = [&](std::uint64_t, std::uint64_t) { dir_.write("target", "mine"); };
  EXPECT_EQ(error_of([&] { copy_file(source, target(), Reflink::never, take); }).kind(), util::Errc::conflict);
  EXPECT_EQ(util::read_file(target(), 100), "mine");
  EXPECT_EQ(entries(dir_.path()), 2U);
}

TEST_F(Copy, AProgressThatThrowsLeavesNothing) {
  const auto source = sparse_source();
  const auto stop = [](std::uint64_t, std::uint64_t) { throw util::Error(util::Errc::interrupted, "enough"); };
  EXPECT_EQ(error_of([&] { copy_file(source, target(), Reflink::never, stop); }).kind(), util::Errc::interrupted);
  EXPECT_EQ(entries(dir_.path()), 1U);
}

TEST_F(Copy, WhatIsNoFileIsRefused) {
  EXPECT_EQ(error_of([&] { copy_file(dir_.path(), target(), Reflink::never, {}); }).kind(), util::Errc::invalid_input);
  EXPECT_EQ(error_of([&] { copy_file(dir_.path() / "none", target(), Reflink::never, {}); }).kind(),
            util::Errc::not_found);
  EXPECT_EQ(entries(dir_.path()), 0U);
}

// In a child, since the limit stays with a process.
TEST_F(Copy, AFileSizeLimitLeavesNothing) {
  const auto source = sparse_source();
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{mib, mib};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    ::_exit(error_of([&] { copy_file(source, target(), Reflink::never, {}); }).exit_code());
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), static_cast<int>(util::Errc::io));
  EXPECT_EQ(entries(dir_.path()), 1U);
}

/// A file system with room for 2 MiB.
class FullDisk : public Copy {
 protected:
  void SetUp() override {
    VMTOOL_NEEDS("mount");
    std::filesystem::create_directory(small());
    ASSERT_EQ(::mount("tmpfs", small().c_str(), "tmpfs", 0, "size=2m"), 0);
  }
  void TearDown() override { ::umount2(small().c_str(), MNT_DETACH); }
  std::filesystem::path small() const { return dir_.path() / "small"; }
};

TEST_F(FullDisk, ACopyLeavesNothing) {
  const auto source = dir_.write("source", std::string(4 * mib, 'x'));
  const util::Error error = error_of([&] { copy_file(source, small() / "copy", Reflink::if_possible, {}); });
  EXPECT_EQ(error.kind(), util::Errc::io);
  EXPECT_THAT(error.message(), HasSubstr("No space left on device"));
  EXPECT_EQ(entries(small()), 0U);
}

TEST_F(FullDisk, APreallocationLeavesNothing) {
  const util::Error error = error_of([&] { make_full_qcow2(small() / "full.qcow2", {8 * mib}, {}, {}); });
  EXPECT_EQ(error.kind(), util::Errc::io);
  EXPECT_THAT(error.message(), HasSubstr("No space left on device"));
  EXPECT_EQ(entries(small()), 0U);
}

TEST(Preallocate, WritesEveryCluster) {
  const tests::TempDir dir;
  const auto path = dir.path() / "full.qcow2";
  std::uint64_t last = 0;
  make_full_qcow2(path, {16 * mib}, {.cluster_size = {128 << 10}, .lazy_refcounts = true},
                  [&](std::uint64_t done, std::uint64_t) { last = done; });
  EXPECT_EQ(last, 16 * mib);
  EXPECT_GE(status_of(path).st_blocks * 512, 16 * static_cast<off_t>(mib));
  const std::string info = util::run_checked({.args = {"qemu-img", "info", path.native()}}).out;
  EXPECT_THAT(info, HasSubstr("cluster_size: 131072"));
  EXPECT_THAT(info, HasSubstr("lazy refcounts: true"));
  EXPECT_EQ(util::run({.args = {"qemu-img", "check", "-q", path.native()}}).exit_code, 0);
  EXPECT_EQ(error_of([&] { make_full_qcow2(path, {mib}, {}, {}); }).kind(), util::Errc::conflict);
  EXPECT_EQ(entries(dir.path()), 1U);
}

TEST(Preallocate, WhatQemuImgRefusesIsInItsWords) {
  const tests::TempDir dir;
  const util::Error error = error_of([&] { make_full_qcow2(dir.path() / "a", {mib}, {.cluster_size = {3}}, {}); });
  EXPECT_EQ(error.kind(), util::Errc::io);
  EXPECT_THAT(error.message(), HasSubstr("luster size must be"));
  EXPECT_EQ(entries(dir.path()), 0U);
}

}  // namespace
}  // namespace vmtool::storage
