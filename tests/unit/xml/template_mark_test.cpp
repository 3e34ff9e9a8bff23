#include "xml/template_mark.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/error.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* sealed =
    "<domain><name>golden</name><metadata>"
    "<other:thing xmlns:other='urn:other'/>"
    "<t:template xmlns:t='urn:vmtool:template:1' sealed='2026-05-01T10:00:00Z'/>"
    "</metadata></domain>";

TEST(TemplateMark, IsFoundByItsNamespaceWhateverThePrefix) {
  EXPECT_EQ(xml::template_mark(sealed), "2026-05-01T10:00:00Z");
  EXPECT_EQ(xml::template_mark("<domain><name>web</name></domain>"), std::nullopt);
  EXPECT_EQ(xml::template_mark("<domain><metadata><t:template xmlns:t='urn:someone:else'/></metadata></domain>"),
            std::nullopt);
  EXPECT_EQ(xml::template_mark("<domain><metadata><template/></metadata></domain>"), std::nullopt);
  EXPECT_THROW(xml::template_mark("<network/>"), util::Error);
}

TEST(TemplateMark, IsLeftOutOfAClone) {
  const std::string clone = xml::without_template_mark(sealed);
  EXPECT_EQ(xml::template_mark(clone), std::nullopt);
  EXPECT_THAT(clone, HasSubstr("urn:other"));
  EXPECT_THAT(
      xml::without_template_mark("<domain><metadata><t:template xmlns:t='urn:vmtool:template:1'/></metadata></domain>"),
      Not(HasSubstr("metadata")));
  EXPECT_EQ(xml::without_template_mark("<domain>  <name>a</name></domain>"), "<domain>  <name>a</name></domain>");
}

TEST(TemplateMark, IsWrittenWithoutItsNamespaceWhichLibvirtAdds) {
  EXPECT_EQ(xml::write_template_mark("now"), "<template sealed='now'/>\n");
}

}  // namespace
}  // namespace vmtool::tests
