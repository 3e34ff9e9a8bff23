#include "util/digest.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::util {
namespace {

// FIPS 180-4's own examples.
TEST(Sha256, IsThatOfTheStandard) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, OfAFileStartsAtItsOffset) {
  const tests::TempDir dir;
  const Fd file = open_file(dir.write("a", "xxabc"), O_RDONLY);
  ASSERT_EQ(::lseek(file.get(), 2, SEEK_SET), 2);
  EXPECT_EQ(sha256_hex_of_file(file.get()), sha256_hex("abc"));
  EXPECT_THROW(sha256_hex_of_file(-1), SysError);
}

}  // namespace
}  // namespace vmtool::util
