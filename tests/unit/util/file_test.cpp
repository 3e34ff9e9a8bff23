#include "util/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"
#include "util/error.hpp"

namespace vmtool::util {
namespace {

Errc kind_of_reading(const std::filesystem::path& path, std::size_t limit = 10) {
  try {
    read_file(path, limit);
  } catch (const Error& error) {
    EXPECT_NE(error.message().find(path.filename().native()), std::string::npos) << error.message();
    return error.kind();
  }
  ADD_FAILURE() << path;
  return Errc::internal;
}

TEST(ReadFile, GivesTheContentUpToTheLimit) {
  const tests::TempDir dir;
  EXPECT_EQ(read_file(dir.write("a", std::string("12345\0789", 9)), 9), std::string("12345\0789", 9));
  EXPECT_EQ(read_file(dir.write("empty", ""), 0), "");
  EXPECT_EQ(kind_of_reading(dir.write("large", "12345678901")), Errc::invalid_input);
}

TEST(ReadFile, RefusesWhatIsNoRegularFileWithoutWaiting) {
  const tests::TempDir dir;
  const auto fifo = dir.path() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(kind_of_reading(fifo), Errc::invalid_input);
  std::filesystem::create_directory(dir.path() / "folder");
  EXPECT_EQ(kind_of_reading(dir.path() / "folder"), Errc::invalid_input);
  EXPECT_EQ(kind_of_reading(dir.path() / "absent"), Errc::not_found);
}

TEST(WriteFileAtomic, ReplacesTheContentAndLeavesNothingElse) {
  const tests::TempDir dir;
  const auto file = dir.write("a", "old");
  write_file_atomic(file, "new", 0600);
  EXPECT_EQ(read_file(file, 10), "new");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1);
}

TEST(WriteFileAtomic, LeavesNothingBehindWhereItFails) {
  const tests::TempDir dir;
  std::filesystem::create_directories(dir.path() / "target/inside");
  EXPECT_THROW(write_file_atomic(dir.path() / "target", "x"), SysError);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1);
  EXPECT_THROW(write_file_atomic(dir.path() / "absent/file", "x"), SysError);
}

TEST(OpenFile, NamesThePathAndClosesAtExec) {
  const tests::TempDir dir;
  const Fd file = open_file(dir.write("a", ""), O_RDONLY);
  EXPECT_NE(::fcntl(file.get(), F_GETFD) & FD_CLOEXEC, 0);
  try {
    open_file(dir.path() / "absent", O_RDONLY);
    FAIL();
  } catch (const SysError& error) {
    EXPECT_EQ(error.errno_value(), ENOENT);
  }
}

}  // namespace
}  // namespace vmtool::util
