#include <gmock/gmock.h>

#include "tests/unit/model/check_support.hpp"

namespace vmtool::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Container good_container() {
  Container container;
  container.name = "web";
  container.rootfs.layers = {"/srv/root"};
  container.process.args = {"sh"};
  return container;
}

const std::vector<Spoiled<Container>>& spoiled() {
  using C = Container;
  static const std::vector<Spoiled<C>> all{
      {[](C& c) { c.name = "a/b"; },
       {"name: the name 'a/b' has the character '/'; letters, digits and . _ + - are allowed"}},
      {[](C& c) { c.rootfs.layers.clear(); },
       {"rootfs: a root filesystem comes from exactly one of 'image', 'layers' and 'archive'"}},
      {[](C& c) { c.rootfs.image = "x"; },
       {"rootfs: a root filesystem comes from exactly one of 'image', 'layers' and 'archive'"}},
      {[](C& c) { c.rootfs.layers = {"x"}; }, {"rootfs.layers[0]: 'x' is not an absolute path"}},
      {[](C& c) { c.process.args.clear(); }, {"process: a container without an image has no command of its own"}},
      {[](C& c) { c.process.args = {""}; }, {"process.args[0]: the program is an empty text"}},
      {[](C& c) {
         c.process.env = {{"A=B", "x"}};
       },
       {"process.env.A=B: 'A=B' can't be the name of a variable"}},
      {[](C& c) { c.process.cwd = "x"; }, {"process.cwd: 'x' is not an absolute path"}},
      {[](C& c) { c.process.cwd = "/a/../b"; }, {"process.cwd: '/a/../b' has '..' in it"}},
      {[](C& c) { c.process.capabilities = {{"CAP_CHOWM"}}; },
       {"process.capabilities[0]: there is no capability 'CAP_CHOWM'"}},
      {[](C& c) {
         c.process.rlimits = {{"RLIMIT_X", 2, 1}, {"RLIMIT_X", 1, 1}};
       },
       {"process.rlimits[0].type: there is no resource limit 'RLIMIT_X'",
        "process.rlimits[0].soft: the soft limit 2 is above the hard limit 1",
        "process.rlimits[1].type: there is no resource limit 'RLIMIT_X'",
        "process.rlimits[1].type: the resource limit 'RLIMIT_X' is given twice"}},
      {[](C& c) {
         c.process.user = ContainerUser{UINT32_MAX, 0, {}};
       },
       {"process.user.uid: 4294967295 is no id: the kernel takes it for none"}},
      {[](C& c) { c.user_mappings.mode = MappingMode::list; },
       {"userMappings: a list of mappings has one range at least"}},
      {[](C& c) {
         c.user_mappings = {MappingMode::list, {{0, 100, 10}, {5, 200, 10}}};
       },
       {"userMappings[1]: the range overlaps another one"}},
      {[](C& c) {
         c.user_mappings = {MappingMode::list, {{1, 100, 10}}};
       },
       {"userMappings: no range has the id 0, which sets the container up",
        "userMappings: no range has the process's uid 0", "userMappings: no range has the process's gid 0"}},
      {[](C& c) {
         c.user_mappings = {MappingMode::list, {{0, 4294967000, 1000}}};
       },
       {"userMappings[0]: the range ends beyond the last id 4294967294"}},
      {[](C& c) {
         c.mounts = {{MountType::bind, "", "/a", {}}};
       },
       {"mounts[0]: a bind mount has a source"}},
      {[](C& c) {
         c.mounts = {{MountType::tmpfs, "/x", "/a", {}}};
       },
       {"mounts[0].source: a tmpfs has no source"}},
      {[](C& c) {
         c.mounts = {{MountType::tmpfs, "", "/", {}}};
       },
       {"mounts[0].destination: the root is not a place for a mount"}},
      {[](C& c) {
         c.mounts = {{MountType::tmpfs, "", "/a/../..", {}}};
       },
       {"mounts[0].destination: '/a/../..' has '..' in it"}},
      {[](C& c) {
         c.mounts = {{MountType::tmpfs, "", "/a", {}}, {MountType::tmpfs, "", "/a", {"ro,nosuid"}}};
       },
       {"mounts[1].destination: two mounts have the destination '/a'", "mounts[1].options[0]: an option has no comma"}},
      {[](C& c) {
         c.interfaces = {{"lo", "lab", {}, {}, {}}};
       },
       {"interfaces[0].name: the name 'lo' belongs to the loopback interface"}},
      {[](C& c) {
         c.interfaces = {{"eth0", "lab", {}, ip("127.0.0.1"), 20}};
       },
       {"interfaces[0].mtu: an MTU of 20 is out of range",
        "interfaces[0].address: '127.0.0.1' can't be a container's address"}},
      {[](C& c) {
         c.ports = {{80, 80, PortProtocol::tcp, {}}};
       },
       {"ports: ports are published through a network"}},
      {[](C& c) {
         c.interfaces = {{"eth0", "lab", {}, {}, {}}};
         c.ports = {{80, 80, PortProtocol::tcp, {}}, {80, 81, PortProtocol::tcp, {}}, {80, 0, PortProtocol::udp, {}}};
       },
       {"ports[1].hostPort: port 80 of the host is published twice", "ports[2].containerPort: port 0 is out of range"}},
      {[](C& c) { c.resources.memory.swap = util::Bytes{0}; },
       {"resources.memory.swap: a limit of swap needs one of memory"}},
      {[](C& c) { c.resources.memory.limit = util::Bytes{1000}; },
       {"resources.memory.limit: 1000B is too little for any process"}},
      {[](C& c) { c.resources.cpu.period = std::chrono::milliseconds{2000}; },
       {"resources.cpu.period: a period of 2s is out of range", "resources.cpu.period: a period needs a quota"}},
      {[](C& c) { c.resources.cpu.cpus = "3-1"; }, {"resources.cpu.cpus: '3-1' is no list of processors"}},
      {[](C& c) { c.resources.cpu.shares = 1; }, {"resources.cpu.shares: 1 shares are out of range"}},
      {[](C& c) { c.resources.pids.limit = 0; }, {"resources.pids.limit: 0 processes are out of range"}},
      {[](C& c) {
         c.resources.block = {{"/dev/x", {}, {}, {}, {}}};
       },
       {"resources.blockIO[0]: nothing of the device is limited"}},
      {[](C& c) {
         c.sysctl = {{"kernel.panic", "1"}};
       },
       {"sysctl.kernel.panic: the kernel parameter 'kernel.panic' is not separate for each container"}},
      {[](C& c) { c.seccomp = "strict"; }, {"seccomp: 'strict' is not an absolute path"}},
      {[](C& c) { c.stop_signal = "SIGTREM"; }, {"stopSignal: there is no signal 'SIGTREM'"}},
      {[](C& c) { c.hostname = "a_b"; }, {"hostname: 'a_b' is not a DNS name"}},
  };
  return all;
}

TEST(CheckContainer, FindsEveryBrokenRuleAndNothingElse) {
  EXPECT_THAT(check(good_container()), IsEmpty());
  for (const auto& each : spoiled()) {
    Container container = good_container();
    each.spoil(container);
    EXPECT_EQ(shown(check(container)), each.findings);
  }
}

TEST(CheckContainer, TakesWhatTheKernelTakes) {
  Container container = good_container();
  container.stop_signal = "SIGRTMIN+3";
  container.resources.cpu.cpus = "0-3,7";
  container.resources.memory = {util::Bytes{100 << 20}, {}, util::Bytes{0}};
  container.user_mappings = {MappingMode::list, {{0, 1000, 1}, {1, 100000, 65535}}};
  EXPECT_THAT(shown(check(container)), IsEmpty());
}

Document document_of(Object object, unsigned line) { return {std::move(object), "lab.yaml", line, {}}; }

TEST(CheckContainer, AMachineAndAContainerHaveDifferentNames) {
  const Manifest manifest{{document_of(good_machine(), 1), document_of(good_container(), 9)}};
  const auto findings = check(manifest);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].document, 1U);
  EXPECT_EQ(findings[0].finding.message, "there is another VirtualMachine with the name 'web' (lab.yaml:1)");
}

TEST(CheckContainer, AddressesAndPortsAreTakenOnce) {
  Container one = good_container();
  one.interfaces = {{"eth0", "lab", {}, ip("10.0.0.50"), {}}};
  one.ports = {{80, 80, PortProtocol::tcp, {}}};
  Container two = one;
  two.name = "web2";
  const auto findings = check(Manifest{{document_of(good_network(), 1), document_of(one, 2), document_of(two, 3)}});
  std::vector<std::string> texts;
  for (const CrossFinding& cross : findings) texts.push_back(cross.finding.path + ": " + cross.finding.message);
  EXPECT_THAT(texts, ElementsAre("interfaces[0].address: the address '10.0.0.50' belongs to 'web' (lab.yaml:2) already",
                                 "ports[0].hostPort: port 80 of the host belongs to 'web' (lab.yaml:2) already"));
}

}  // namespace
}  // namespace vmtool::model
