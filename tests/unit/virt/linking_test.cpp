// The program must start without loading libvirt and its fifty libraries.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "util/command.hpp"

namespace vmtool::virt {
namespace {

TEST(Linking, TheProgramNeedsNoHeavyLibrary) {
  const char* program = std::getenv("VMTOOL_PROGRAM");
  ASSERT_NE(program, nullptr) << "ctest names it";
  const std::string dynamic = util::run_checked({.args = {"readelf", "-d", program}}).out;
  EXPECT_THAT(dynamic, testing::HasSubstr("(NEEDED)"));
  for (const char* library : {"libvirt", "libnbd", "libcurl", "libarchive"}) {
    EXPECT_THAT(dynamic, testing::Not(testing::HasSubstr(library)));
  }
}

}  // namespace
}  // namespace vmtool::virt
