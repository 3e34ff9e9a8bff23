#include "xml/appliance.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/require.hpp"
#include "tests/support/temp_dir.hpp"
#include "util/command.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

xml::ApplianceDomain example() {
  return {"vmtool-appliance-1",
          "11111111-2222-4333-8444-555555555555",
          "/pool/k",
          "/pool/i",
          "console=ttyS0",
          "vmtool.identity",
          {{{{"/pool/top.qcow2", "qcow2"}, {"/pool/mid.qcow2", "qcow2"}, {"/pool/base.raw", "raw"}}, "disk0"},
           {{{"/pool/data.raw", "raw"}}, "disk1"}},
          false};
}

TEST(ApplianceXml, NamesTheWholeChainAndItsEnd) {
  const std::string text = xml::write_appliance(example());
  const std::size_t top = text.find("/pool/top.qcow2");
  const std::size_t middle = text.find("/pool/mid.qcow2");
  const std::size_t base = text.find("/pool/base.raw");
  EXPECT_LT(top, middle);
  EXPECT_LT(middle, base);
  EXPECT_LT(base, text.find("<backingStore/>")) << "no header is followed";
  EXPECT_THAT(text, HasSubstr("<target dev='vdb' bus='virtio'/>"));
  EXPECT_THAT(text, Not(HasSubstr("<interface")));
  EXPECT_THAT(text, Not(HasSubstr("<readonly")));
}

TEST(ApplianceXml, OfALookHasReadOnlyDisks) {
  xml::ApplianceDomain look = example();
  look.read_only = true;
  EXPECT_THAT(xml::write_appliance(look), HasSubstr("<readonly/>"));
}

TEST(ApplianceXml, FollowsLibvirtsSchema) {
  VMTOOL_NEEDS("libvirt");
  const TempDir directory;
  const auto domain = directory.write("domain.xml", xml::write_appliance(example()));
  const auto volume = directory.write("volume.xml", xml::write_appliance_volume("k.kernel", 4096));
  for (const auto& [file, schema] : {std::pair(domain, "domain"), std::pair(volume, "storagevol")}) {
    const auto checked = util::run({.args = {"virt-xml-validate", file.native(), schema}});
    EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  }
}

}  // namespace
}  // namespace vmtool::tests
