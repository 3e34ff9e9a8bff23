#include "images/debian_image.hpp"

#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "images/work_folder.hpp"
#include "tests/support/temp_dir.hpp"
#include "util/command.hpp"
#include "util/error.hpp"

namespace vmtool::images {
namespace {

using testing::HasSubstr;

DebianImage good() {
  return {.host_name = "db-01", .size = util::operator""_MiB(2048), .packages = {}, .authorized_keys = ""};
}

void expect_refused(const DebianImage& image, const std::string& part) {
  const tests::TempDir folder;
  try {
    build_debian_image(image, folder.path());
    ADD_FAILURE() << "no error that says: " << part;
  } catch (const util::Error& error) {
    EXPECT_EQ(error.kind(), util::Errc::invalid_input);
    EXPECT_THAT(error.message(), HasSubstr(part));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(DebianImage, RefusesWhatCouldLeaveTheScript) {
  for (const char* name : {"", "a'b", "a b", "-a", "a\nb", "a/b", "$(id)"}) {
    DebianImage image = good();
    image.host_name = name;
    expect_refused(image, "is no host name");
  }
  for (const char* package : {"a", "--mode=root", "vim,evil", "a b", "Vim", "a\nb"}) {
    DebianImage image = good();
    image.packages = {package};
    expect_refused(image, "is no name of a Debian package");
  }
}

TEST(DebianImage, RefusesADiskThatIsTooSmall) {
  DebianImage image = good();
  image.size = util::operator""_MiB(512);
  expect_refused(image, "512MiB is too small");
}

TEST(DebianImage, TheScriptIsShellAndFillsTheDisk) {
  const tests::TempDir folder;
  const std::string script = finishing_script(good(), folder.path());
  EXPECT_EQ(util::run({.args = {"sh", "-n", folder.write("finish.sh", script)}}).exit_code, 0);
  // 2 GiB are 4,194,304 sectors: less 64 MiB, less 1 MiB at each end.
  EXPECT_THAT(script, HasSubstr("root_sectors=4059136\n"));
  EXPECT_THAT(script, HasSubstr("host_name='db-01'\n"));
}

TEST(WorkFolder, IsGoneWithWhatIsInIt) {
  std::filesystem::path path;
  {
    const WorkFolder folder;
    path = folder.path();
    std::filesystem::create_directory(path / "sub");
    struct stat facts {};
    ASSERT_EQ(::stat(path.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777u, 0711u);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace vmtool::images
