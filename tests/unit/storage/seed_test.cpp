#include "storage/seed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"
#include "util/command.hpp"
#include "util/error.hpp"

namespace vmtool::storage {
namespace {

MATCHER_P2(Holds, name, content, "") { return arg.name == name && arg.content == content; }

TEST(Seed, IsReadBackAsItWasWritten) {
  const tests::TempDir dir;
  const auto path = dir.path() / "seed.iso";
  const std::string long_text(100'000, 'x');
  write_seed(path,
             {{"meta-data", "instance-id: a\n"}, {"network-config", ""}, {"user-data", "#cloud-config\n" + long_text}});
  EXPECT_TRUE(is_seed(path));
  EXPECT_THAT(read_seed(path),
              testing::UnorderedElementsAre(Holds("meta-data", "instance-id: a\n"), Holds("network-config", ""),
                                            Holds("user-data", "#cloud-config\n" + long_text)));
}

// The label that cloud-init looks for, by another reader.
TEST(Seed, HasTheLabelThatCloudInitLooksFor) {
  const tests::TempDir dir;
  const auto path = dir.path() / "seed.iso";
  write_seed(path, {{"meta-data", "instance-id: a\n"}});
  const auto found = util::run_checked({.args = {"blkid", "-p", "-o", "value", "-s", "LABEL", "-s", "TYPE", path}});
  EXPECT_THAT(found.out,
              testing::AllOf(testing::HasSubstr("iso9660"), testing::ContainsRegex("[cC][iI][dD][aA][tT][aA]")));
}

TEST(Seed, IsNotWrittenOverAFile) {
  const tests::TempDir dir;
  const auto path = dir.write("seed.iso", "mine");
  try {
    write_seed(path, {{"meta-data", ""}});
    FAIL() << "it was overwritten";
  } catch (const util::Error& error) {
    EXPECT_EQ(error.kind(), util::Errc::conflict);
  }
  EXPECT_FALSE(is_seed(path));
  EXPECT_FALSE(is_seed(dir.write("long", std::string(64 << 10, '\0'))));
}

TEST(Seed, ThatIsNoneIsInvalidInput) {
  const tests::TempDir dir;
  try {
    read_seed(dir.write("text", "no image at all"));
    FAIL() << "it was read";
  } catch (const util::Error& error) {
    EXPECT_EQ(error.kind(), util::Errc::invalid_input);
  }
}

}  // namespace
}  // namespace vmtool::storage
