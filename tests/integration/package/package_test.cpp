// The engine installed alone, found by find_package and used by a program of somebody else's.
#include <gmock/gmock.h>

#include <cstdlib>

#include "tests/support/temp_dir.hpp"
#include "util/command.hpp"

namespace vmtool::tests {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

TEST(Package, AProgramIsBuiltAgainstTheInstalledEngine) {
  TempDir work;
  const std::string cmake = std::getenv("VMTOOL_CMAKE");
  const std::string prefix = (work.path() / "prefix").native();
  const std::string build = (work.path() / "build").native();
  util::run_checked(
      {{cmake, "--install", std::getenv("VMTOOL_BUILD_DIR"), "--component", "isolation", "--prefix", prefix}});
  util::run_checked(
      {{cmake, "-S", std::string(std::getenv("VMTOOL_SOURCE_DIR")) + "/tests/integration/package/consumer", "-B", build,
        "-G", "Ninja", "-DCMAKE_PREFIX_PATH=" + prefix}});
  util::run_checked({{cmake, "--build", build}});
  const auto said = util::run({{build + "/consumer"}});
  EXPECT_EQ(said.exit_code, 0);
  EXPECT_THAT(said.out, ContainsRegex("^[0-9]+ steps, the last: starting 'true'\n"));
  EXPECT_THAT(said.out, HasSubstr("container 'consumer' does not exist"));
  EXPECT_THAT(util::run({{"ldd", build + "/consumer"}}).out, testing::Not(HasSubstr("libvirt")));
}

}  // namespace
}  // namespace vmtool::tests
