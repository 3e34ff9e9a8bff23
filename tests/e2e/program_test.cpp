// The program as such: help, mistakes on the command line, what it loads, a daemon that is away.

#include <gmock/gmock.h>

#include "tests/e2e/scene.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* nowhere = "qemu+unix:///system?socket=/nonexistent/libvirt-sock";

TEST(Program, HelpAndVersionAreOnStandardOutput) {
  const auto help = vmtool({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* command : {"validate", "render", "define", "list", "start", "stop", "delete", "net", "disk"}) {
    EXPECT_THAT(help.out, HasSubstr(command));
  }
  EXPECT_EQ(help.err, "");
  EXPECT_THAT(vmtool({"version"}).out, HasSubstr("vmtool "));
}

TEST(Program, AMistakeOnTheCommandLineIsExitCode2WithAProposal) {
  const auto unknown = vmtool({"strt", "web"});
  EXPECT_EQ(unknown.exit_code, 2) << testing::PrintToString(unknown);
  EXPECT_THAT(unknown.err, HasSubstr("'strt'"));
  EXPECT_THAT(unknown.err, HasSubstr("start"));
  for (const auto& args : {std::vector<std::string>{},
                           {"start"},
                           {"list", "--frobnicate"},
                           {"list", "-o", "xml"},
                           {"define"},
                           {"net"},
                           {"wait", "x", "--for", "rain"},
                           {"stop", "x", "--timeout", "5"}}) {
    const auto result = vmtool(args);
    EXPECT_EQ(result.exit_code, 2) << testing::PrintToString(args) << testing::PrintToString(result);
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err, "");
  }
}

TEST(Program, ValidateAndRenderNeedNoDaemon) {
  const auto machine = bare_machine("web");
  const auto valid = vmtool({"--connect", nowhere, "validate", "-f", "-"}, machine);
  EXPECT_EQ(valid.exit_code, 0) << testing::PrintToString(valid);
  const auto rendered = vmtool({"render", "-f", "-", "--connect", nowhere}, machine);
  EXPECT_EQ(rendered.exit_code, 0) << testing::PrintToString(rendered);
  EXPECT_THAT(rendered.out, HasSubstr("<name>web</name>"));
  EXPECT_EQ(vmtool({"render", "-f", "-"}, machine).out, rendered.out);
}

TEST(Program, RenderedXmlIsValidByLibvirtsOwnSchema) {
  const TempDir dir;
  const auto rendered =
      vmtool({"render", "-f", "-", "--host-uuid", "11111111-2222-8333-8444-555555555555"}, bare_machine("web"));
  const auto file = dir.write("web.xml", rendered.out);
  const auto checked = util::run({.args = {"virt-xml-validate", file, "domain"}});
  EXPECT_EQ(checked.exit_code, 0) << testing::PrintToString(checked);
}

TEST(Program, LibvirtIsNotLinked) {
  const auto needed = util::run({.args = {"readelf", "-d", std::getenv("VMTOOL_PROGRAM")}});
  ASSERT_EQ(needed.exit_code, 0);
  for (const char* library : {"libvirt", "libnbd", "libcurl", "libarchive"})
    EXPECT_THAT(needed.out, Not(HasSubstr(library)));
}

TEST(Program, ADaemonThatIsAwayIsOneClearError) {
  for (const auto& args :
       {std::vector<std::string>{"list"}, {"start", "web"}, {"ip", "web"}, {"net", "list"}, {"disk", "info", "a"}}) {
    auto full = args;
    full.insert(full.end(), {"--connect", nowhere});
    const auto result = vmtool(full);
    EXPECT_EQ(result.exit_code, 6) << testing::PrintToString(result);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(count_errors(result.err), 1) << result.err;
  }
}

TEST(Program, AnErrorIsARecordInJson) {
  const auto result = vmtool({"--connect", nowhere, "-o", "json", "list"});
  EXPECT_EQ(result.exit_code, 6);
  const auto record = nlohmann::json::parse(result.err, nullptr, false);
  ASSERT_TRUE(record.is_object()) << result.err;
  EXPECT_EQ(record.at("error").at("kind"), "unavailable");
  EXPECT_TRUE(record.at("error").contains("hint"));
  EXPECT_TRUE(record.at("error").at("steps").is_array());
}

}  // namespace
}  // namespace vmtool::tests
