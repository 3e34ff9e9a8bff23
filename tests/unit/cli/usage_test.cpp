#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/cli/program.hpp"

namespace vmtool::tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* machine = "kind: VirtualMachine\nname: a\n";

// The first line on standard error of a command line that is wrong.
std::string complaint(const std::vector<std::string>& words, const std::string& input = "") {
  const util::Result result = vmtool(words, input);
  EXPECT_EQ(result.exit_code, 2) << result.err;
  EXPECT_EQ(result.out, "");
  return result.err.substr(0, result.err.find('\n'));
}

TEST(Usage, NamesTheCommandThatWasMeant) {
  EXPECT_EQ(complaint({"strat", "web"}), "vmtool: error: unknown command 'strat', did you mean 'start'?");
  EXPECT_EQ(complaint({"net", "lisst"}), "vmtool: error: unknown command 'lisst', did you mean 'list'?");
  EXPECT_EQ(complaint({"xyzzyxyzzy"}), "vmtool: error: unknown command 'xyzzyxyzzy'");
}

TEST(Usage, NamesWhatIsMissingAndWhereToRead) {
  EXPECT_EQ(vmtool({"start"}).err,
            "vmtool: error: NAME is required\n  hint: 'vmtool start --help' shows what it takes\n");
  EXPECT_EQ(vmtool({"disk", "create", "a"}).err,
            "vmtool: error: SIZE is required\n  hint: 'vmtool disk create --help' shows what it takes\n");
  EXPECT_EQ(complaint({"validate"}), "vmtool: error: --file is required");
  EXPECT_EQ(complaint({"net", "reserve", "default", "192.168.122.210"}), "vmtool: error: --mac is required");
  EXPECT_THAT(complaint({}), HasSubstr("subcommand is required"));
}

TEST(Usage, NamesWhatIsTooMuch) {
  EXPECT_EQ(complaint({"list", "extra"}), "vmtool: error: unexpected argument 'extra'");
  EXPECT_EQ(complaint({"version", "--bogus"}), "vmtool: error: unexpected argument '--bogus'");
}

TEST(Usage, RefusesValuesThatAreNone) {
  EXPECT_EQ(complaint({"validate", "-f", "-", "--set", "abc"}, machine),
            "vmtool: error: --set takes NAME=VALUE, not 'abc'");
  EXPECT_EQ(complaint({"validate", "-f", "-", "--set", "=abc"}, machine),
            "vmtool: error: --set takes NAME=VALUE, not '=abc'");
  EXPECT_EQ(complaint({"list", "-o", "xml"}), "vmtool: error: --output: 'xml' is no format");
  EXPECT_EQ(complaint({"list", "-o", "1"}), "vmtool: error: --output: '1' is no format");
  EXPECT_EQ(complaint({"wait", "web", "--for", "moon"}), "vmtool: error: --for: 'moon' is nothing to wait for");
  EXPECT_EQ(complaint({"wait", "web", "--timeout", "5"}),
            "vmtool: error: --timeout: '5' is not a duration: it has no unit");
  EXPECT_EQ(complaint({"disk", "create", "a", "20"}), "vmtool: error: SIZE: '20' is not a size: it has no unit");
  EXPECT_EQ(complaint({"disk", "resize", "a", "big"}).substr(0, 34), "vmtool: error: SIZE: 'big' is not ");
  EXPECT_EQ(complaint({"disk", "create", "a", "1GiB", "--format", "vmdk"}),
            "vmtool: error: --format: 'vmdk' is unknown");
  EXPECT_EQ(complaint({"net", "reserve", "default", "home", "--mac", "52:54:00:12:34:56"}),
            "vmtool: error: 'home' is no IP address");
  EXPECT_EQ(complaint({"render", "-f", "-", "--host-uuid", "me"}, machine),
            "vmtool: error: --host-uuid takes a UUID, not 'me'");
}

TEST(Usage, SpeaksJsonWhereItIsAskedTo) {
  const util::Result result = vmtool({"-o", "json", "strat"});
  EXPECT_EQ(result.exit_code, 2);
  const json record = json::parse(result.err);
  EXPECT_EQ(record.at("error").at("kind"), "usage");
  EXPECT_EQ(record["error"].at("message"), "unknown command 'strat', did you mean 'start'?");
}

TEST(Usage, AsksNothingWhereNobodyCanAnswer) {
  const util::Result result = vmtool({"--connect", "test:///default", "delete", "test", "--force"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err,
              HasSubstr("vmtool: error: delete machine 'test': this needs a confirmation\n  hint: add --yes\n"));
}

TEST(ExitCodes, FollowTheKindOfTheError) {
  EXPECT_EQ(vmtool({"validate", "-f", "-"}, machine).exit_code, 0);
  EXPECT_EQ(vmtool({"validate", "-f", "-"}, "kind: VirtualMachine\nname: a\nmemori: 3\n").exit_code, 3);
  EXPECT_EQ(vmtool({"validate", "-f", "/nonexistent/a.yaml"}).exit_code, 4);
  EXPECT_EQ(vmtool({"--connect", "test:///default", "show", "tset"}).exit_code, 4);
  EXPECT_EQ(vmtool({"--connect", "test:///default", "delete", "test", "--yes"}).exit_code, 5);
  EXPECT_EQ(vmtool({"--connect", "nosuch:///driver", "list"}).exit_code, 6);
}

// One machine's failure keeps no other from its turn.
TEST(Names, AreAllTried) {
  const util::Result result = vmtool({"--connect", "test:///default", "suspend", "nope", "nada", "test"});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_EQ(
      result.err,
      "vmtool: warning: there is no machine 'nada'\nsuspended 'test'\nvmtool: error: there is no machine 'nope'\n");
  EXPECT_EQ(vmtool({"--connect", "test:///default", "-q", "suspend", "test"}).err, "");
}

TEST(Names, ThatAreNearAreOffered) {
  EXPECT_EQ(vmtool({"--connect", "test:///default", "stop", "nope", "tset"}).err,
            "vmtool: warning: there is no machine 'tset' (did you mean 'test'?)\nvmtool: error: there is no machine "
            "'nope'\n");
  EXPECT_EQ(vmtool({"--connect", "test:///default", "stop", "tset"}).err,
            "vmtool: error: there is no machine 'tset'\n  hint: did you mean 'test'?\n");
}

TEST(NetHelp, SpeaksOfNetworks) {
  EXPECT_THAT(vmtool({"net", "stop", "--help"}).out, HasSubstr("The networks"));
  EXPECT_THAT(vmtool({"net", "define", "--help"}).out, testing::Not(HasSubstr("--domain-type")));
}

}  // namespace
}  // namespace vmtool::tests
