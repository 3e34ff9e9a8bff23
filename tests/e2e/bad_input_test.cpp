// What a file or a host may hold that must be refused: one clear error, the right exit code, and nothing has changed.

#include <gmock/gmock.h>

#include "tests/e2e/scene.hpp"

namespace vmtool::tests {
namespace {

using testing::AnyOf;
using testing::ContainerEq;
using testing::HasSubstr;

struct Case {
  const char* name;
  std::string yaml;
  int exit_code;
};

std::string machine(const std::string& rest) { return "kind: VirtualMachine\n" + rest; }

std::string repeated(const std::string& text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string alias_bomb() {
  std::string text = "kind: VirtualMachine\nname: web\nlabels:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const auto last = "*a" + std::to_string(i - 1);
    text += "  a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last + repeated(", " + last, 8) + "]\n";
  }
  return text;
}

const std::vector<Case>& cases() {
  static const std::vector<Case> list{
      {"unknown kind", "kind: Virtualmachine\nname: a\n", 3},
      {"no kind", "name: a\n", 3},
      {"no name", "kind: VirtualMachine\n", 3},
      {"no mapping", "- a\n- b\n", 3},
      {"not YAML", "kind: [VirtualMachine\n", 3},
      {"empty", "", 3},
      {"unknown key", machine("name: a\nmemroy: {size: 1GiB}\n"), 3},
      {"duplicate key", machine("name: a\nname: b\n"), 3},
      {"wrong type", machine("name: a\ndisks: yes\n"), 3},
      {"bare size", machine("name: a\nmemory: {size: 4096}\n"), 3},
      {"octal count", machine("name: a\ncpu: {count: 010}\n"), 3},
      {"merge key", "x: &x {kind: VirtualMachine}\n<<: *x\nname: a\n", 3},
      {"wrong apiVersion", "apiVersion: vmtool/v9\nkind: VirtualMachine\nname: a\n", 3},
      {"variable without value", machine("name: ${missing}\n"), 3},
      {"base that is nowhere", machine("base: vt-e2e-no-such-template\nname: a\n"), 3},
      {"base that climbs", machine("base: ../../etc/passwd\nname: a\n"), 3},
      {"xpath that selects nothing", machine("name: vt-e2e-a\nxml: [{xpath: ./devices/toaster, delete: true}]\n"), 3},
      {"name with a slash", machine("name: a/b\n"), 3},
      {"name that climbs", machine("name: ..\n"), 3},
      {"name with a newline", machine("name: \"a\\nb\"\n"), 3},
      {"name of XML", machine("name: \"<a>&'\"\n"), 3},
      {"name of 300 characters", machine("name: " + std::string(300, 'a') + "\n"), 3},
      {"name beyond ASCII", machine("name: zürich\n"), 3},
      {"name with a zero byte", machine("name: \"a\\0b\"\n"), 3},
      {"memory of nothing", machine("name: a\nmemory: {size: 0B}\n"), 3},
      {"memory of a petabyte", machine("name: vt-e2e-a\nmemory: {size: 1024TiB}\n"), 3},
      {"no CPU", machine("name: a\ncpu: {count: 0}\n"), 3},
      {"two machines of one name", bare_machine("vt-e2e-a") + "---\n" + bare_machine("vt-e2e-a"), 3},
      {"two machines with one MAC",
       bare_machine("vt-e2e-a", "interfaces: [{name: lan, network: default, macAddress: 52:54:00:e2:e0:99}]\n") +
           "---\n" +
           bare_machine("vt-e2e-b", "interfaces: [{name: lan, network: default, macAddress: 52:54:00:e2:e0:99}]\n"),
       3},
      {"two machines with one address",
       network_yaml + "---\n" +
           bare_machine("vt-e2e-a", "interfaces: [{name: lan, network: vt-e2e-net, address: 10.231.77.9}]\n") +
           "---\n" + bare_machine("vt-e2e-b", "interfaces: [{name: lan, network: vt-e2e-net, address: 10.231.77.9}]\n"),
       3},
      {"an address outside of its network",
       network_yaml + "---\n" +
           bare_machine("vt-e2e-a", "interfaces: [{name: lan, network: vt-e2e-net, address: 10.9.9.9}]\n"),
       3},
      {"multicast MAC",
       bare_machine("vt-e2e-a", "interfaces: [{name: lan, network: default, macAddress: 01:00:5e:00:00:01}]\n"), 3},
      {"a network that is nowhere", bare_machine("vt-e2e-a", "interfaces: [{name: lan, network: vt-e2e-none}]\n"), 4},
      {"a volume that is nowhere", bare_machine("vt-e2e-a", "disks: [{name: root, volume: vt-e2e-none}]\n"), 4},
      {"an image that is nowhere", bare_machine("vt-e2e-a", "disks: [{name: root, image: vt-e2e-none}]\n"), 4},
      {"an image file that is missing", "kind: Image\nname: vt-e2e-i\nsource: {file: /nonexistent/image.qcow2}\n", 3},
      {"an image file that is a directory", "kind: Image\nname: vt-e2e-i\nsource: {file: /etc}\n", 3},
      {"an image with a wrong checksum",
       "kind: Image\nname: vt-e2e-i\nsource: {file: /etc/os-release}\nchecksum: sha256:" + std::string(64, '0') + "\n",
       3},
      {"a DHCP range outside of its subnet",
       "kind: Network\nname: vt-e2e-n\naddresses: [{address: 10.231.77.1/24, dhcp: {ranges: [{start: 10.231.99.5, end: "
       "10.231.99.9}]}}]\n",
       3},
      {"10,000 nested levels",
       machine("name: a\nlabels: " + std::string(10'000, '[') + std::string(10'000, ']') + "\n"), 3},
      {"an alias bomb", alias_bomb(), 3},
  };
  return list;
}

class BadInput : public Scene {};

TEST_F(BadInput, IsOneClearErrorAndNothingChanges) {
  for (const auto& [name, yaml, exit_code] : cases()) {
    const auto result = vmtool({"define", "-f", "-"}, yaml);
    EXPECT_EQ(result.exit_code, exit_code) << name << "\n" << testing::PrintToString(result);
    EXPECT_GE(count_errors(result.err), 1) << name << "\n" << testing::PrintToString(result);
    EXPECT_EQ(result.out, "") << name;
  }
  EXPECT_THAT(take_host_state(), ContainerEq(before()));
}

TEST_F(BadInput, AllFaultsOfAllDocumentsAreReportedAtOnceWithTheirPlaces) {
  const auto file = dir_.write("many.yaml",
                               "kind: VirtualMachine\nname: a\nmemroy: {size: 1GiB}\n---\nkind: Network\nname: "
                               "n\nforward: {mode: isolated}\nmtu: 12\n");
  const auto result = vmtool({"validate", "-f", file});
  EXPECT_EQ(result.exit_code, 3) << testing::PrintToString(result);
  EXPECT_EQ(count_errors(result.err), 2) << result.err;
  EXPECT_THAT(result.err, HasSubstr(file.native() + ":3:1: error: "));
  EXPECT_THAT(result.err, HasSubstr("did you mean 'memory'"));
  EXPECT_THAT(result.err, HasSubstr(file.native() + ":8:"));
}

TEST_F(BadInput, AnImageThatStandsOnAFileOutsideOfThePoolsIsRefused) {
  const auto base = dir_.path() / "base.qcow2";
  const auto top = dir_.path() / "top.qcow2";
  util::run_checked({.args = {"qemu-img", "create", "-q", "-f", "qcow2", base, "8M"}});
  util::run_checked({.args = {"qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "qcow2", top}});
  const auto result =
      vmtool({"define", "-f", "-"}, "kind: Image\nname: vt-e2e-i\nsource: {file: " + top.native() + "}\n");
  EXPECT_THAT(result.exit_code, AnyOf(3, 5)) << testing::PrintToString(result);
  EXPECT_THAT(result.err, HasSubstr("base.qcow2"));
  EXPECT_EQ(count_errors(result.err), 1) << result.err;
  EXPECT_THAT(take_host_state(), ContainerEq(before()));
}

TEST_F(BadInput, AFileOf100MBIsRefusedWithoutBeingRead) {
  const auto file = dir_.path() / "huge.yaml";
  dir_.write("huge.yaml", "kind: VirtualMachine\nname: a\n");
  std::filesystem::resize_file(file, 100'000'000);
  // The program may have 100 MB of data and no more.
  const auto result = util::run({.args = {"sh", "-c", "ulimit -d 100000; exec \"$@\"", "sh",
                                          std::getenv("VMTOOL_PROGRAM"), "validate", "-f", file}});
  EXPECT_EQ(result.exit_code, 3) << testing::PrintToString(result);
  EXPECT_EQ(count_errors(result.err), 1) << result.err;
}

TEST_F(BadInput, TheBombsAreRefusedWithin100MB) {
  for (const auto& [name, yaml, exit_code] : cases()) {
    if (std::string_view(name) != "10,000 nested levels" && std::string_view(name) != "an alias bomb") continue;
    const auto file = dir_.write("bomb.yaml", yaml);
    const auto result = util::run({.args = {"sh", "-c", "ulimit -d 100000; exec \"$@\"", "sh",
                                            std::getenv("VMTOOL_PROGRAM"), "validate", "-f", file},
                                   .time_limit = std::chrono::seconds(20)});
    EXPECT_EQ(result.exit_code, exit_code) << name << testing::PrintToString(result);
    EXPECT_LT(result.err.size(), 4000u) << name;
  }
}

}  // namespace
}  // namespace vmtool::tests
