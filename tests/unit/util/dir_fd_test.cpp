#include "util/dir_fd.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/support/temp_dir.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::util {
namespace {

int errno_of(const DirFd& directory, const std::string& path) {
  try {
    directory.open(path, O_RDONLY);
  } catch (const SysError& error) {
    return error.errno_value();
  }
  return 0;
}

TEST(DirFd, OpensWhatLiesBelow) {
  const tests::TempDir outside;
  outside.write("in/a/file", "inside");
  outside.write("secret", "outside");
  const DirFd directory = open_dir((outside.path() / "in").native());
  EXPECT_EQ(read_all(directory.open("a/file", O_RDONLY).get(), 100), "inside");
  // ".." of the root is the root, as for a process that lives in there.
  EXPECT_EQ(read_all(directory.open("../../a/file", O_RDONLY).get(), 100), "inside");
  EXPECT_EQ(errno_of(directory, "../secret"), ENOENT);
  EXPECT_EQ(errno_of(directory, ""), 0);
}

TEST(DirFd, FollowsNoLink) {
  const tests::TempDir outside;
  outside.write("in/a/file", "inside");
  outside.write("secret", "outside");
  std::filesystem::create_symlink(outside.path() / "secret", outside.path() / "in/link");
  std::filesystem::create_directory_symlink("a", outside.path() / "in/b");
  const DirFd directory = open_dir((outside.path() / "in").native());
  EXPECT_EQ(errno_of(directory, "link"), ELOOP);
  EXPECT_EQ(errno_of(directory, "b/file"), ELOOP);
  EXPECT_GE(directory.open("link", O_PATH).get(), 0);
}

TEST(DirFd, CrossesNoMount) {
  const DirFd directory = open_dir("/");
  EXPECT_EQ(errno_of(directory, "proc/version"), EXDEV);
}

}  // namespace
}  // namespace vmtool::util
