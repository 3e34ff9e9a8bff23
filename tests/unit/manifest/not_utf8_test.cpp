#include <gtest/gtest.h>

#include "manifest/read.hpp"

namespace vmtool::manifest {
namespace {

// A stray continuation byte at the end of a line made the search for it run past the line.
TEST(NotUtf8, AStrayContinuationByteAtTheEndOfALineIsAFaultAtItsPlace) {
  const Source source{"bad.yaml", "kind: Volume\nname: a\x80\n"};
  const ReadResult result = read({&source, 1}, {});
  ASSERT_EQ(result.diagnostics.size(), 1u);
  EXPECT_EQ(result.diagnostics[0].line, 2u);
  EXPECT_EQ(result.diagnostics[0].message, "the text is not UTF-8");
}

}  // namespace
}  // namespace vmtool::manifest
