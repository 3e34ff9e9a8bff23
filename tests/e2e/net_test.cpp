#include <gmock/gmock.h>

#include "tests/e2e/scene.hpp"
#include "util/text.hpp"

namespace vmtool::tests {
namespace {

using testing::ContainerEq;
using testing::HasSubstr;
using testing::Not;

class Net : public Scene {
 protected:
  void SetUp() override {
    VMTOOL_NEEDS("root");
    Scene::SetUp();
  }
  static void expect_ok(std::vector<std::string> args, std::string input = {}) {
    const auto result = vmtool(std::move(args), std::move(input));
    EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(result);
  }
  static void make() { expect_ok({"net", "define", "-f", "-"}, network_yaml); }
};

TEST_F(Net, DefineStartListShowStopDelete) {
  make();
  expect_ok({"net", "start", "vt-e2e-net"});
  const auto networks = json_of({"net", "list"}).at("networks");
  EXPECT_THAT(networks.dump(), HasSubstr("vt-e2e-net"));
  const auto shown = json_of({"net", "show", "vt-e2e-net"});
  EXPECT_EQ(shown.at("state"), "active");
  EXPECT_EQ(shown.at("bridge"), "vte2e0");
  EXPECT_EQ(shown.at("forward"), "nat");
  EXPECT_THAT(util::run({.args = {"ip", "-4", "addr", "show", "dev", "vte2e0"}}).out, HasSubstr("10.231.77.1/24"));
  EXPECT_TRUE(json_of({"net", "leases", "vt-e2e-net"}).at("leases").empty());
  expect_ok({"net", "stop", "vt-e2e-net"});
  EXPECT_EQ(json_of({"net", "show", "vt-e2e-net"}).at("state"), "inactive");
  expect_ok({"net", "delete", "vt-e2e-net", "--yes"});
  EXPECT_THAT(take_host_state(), ContainerEq(before()));
}

TEST_F(Net, ReserveAndReleaseLiveAndInTheDefinition) {
  make();
  expect_ok({"net", "start", "vt-e2e-net"});
  expect_ok({"net", "reserve", "vt-e2e-net", "10.231.77.30", "--mac", "52:54:00:e2:e0:30", "--name", "printer"});
  for (const auto& args :
       {std::vector<std::string>{"net-dumpxml", "vt-e2e-net"}, {"net-dumpxml", "--inactive", "vt-e2e-net"}}) {
    EXPECT_THAT(virsh(args).out, HasSubstr("mac='52:54:00:e2:e0:30'"));
    EXPECT_THAT(virsh(args).out, HasSubstr("<hostname>printer</hostname>"));
  }
  EXPECT_THAT(util::run({.args = {"busybox", "nslookup", "printer", "10.231.77.1"}}).out, HasSubstr("10.231.77.30"));

  // What is reserved for one is not given to another.
  const auto taken = vmtool({"net", "reserve", "vt-e2e-net", "10.231.77.30", "--mac", "52:54:00:e2:e0:31"});
  EXPECT_EQ(taken.exit_code, 5) << testing::PrintToString(taken);
  const auto outside = vmtool({"net", "reserve", "vt-e2e-net", "10.9.9.9", "--mac", "52:54:00:e2:e0:31"});
  EXPECT_THAT(outside.exit_code, testing::AnyOf(3, 5)) << testing::PrintToString(outside);

  expect_ok({"net", "release", "vt-e2e-net", "printer"});
  EXPECT_THAT(virsh({"net-dumpxml", "vt-e2e-net"}).out, Not(HasSubstr("52:54:00:e2:e0:30")));
  EXPECT_THAT(virsh({"net-dumpxml", "vt-e2e-net"}).out, Not(HasSubstr("printer")));
  EXPECT_EQ(vmtool({"net", "release", "vt-e2e-net", "printer"}).exit_code, 4);
}

TEST_F(Net, StartNamesWhoTookTheSubnetMeanwhile) {
  make();
  const auto ip = [](std::vector<std::string> args) {
    args.insert(args.begin(), "ip");
    return util::run({.args = std::move(args)});
  };
  util::run_checked({.args = {"ip", "link", "add", "vte2etaker", "type", "bridge"}});
  ip({"address", "add", "10.231.77.9/25", "dev", "vte2etaker"});
  const auto refused = vmtool({"net", "start", "vt-e2e-net"});
  ip({"link", "delete", "vte2etaker"});
  EXPECT_EQ(refused.exit_code, 5) << testing::PrintToString(refused);
  EXPECT_THAT(refused.err, HasSubstr("10.231.77.9/25 of interface 'vte2etaker'"));
  expect_ok({"net", "start", "vt-e2e-net"});
}

TEST_F(Net, HostsOfTheManifestChangeInARunningNetwork) {
  make();
  expect_ok({"net", "start", "vt-e2e-net"});
  const auto hosts = [](const std::string& address, const std::string& alias) {
    return "kind: Network\nname: vt-e2e-net\nbridge: {name: vte2e0}\ndns: {hosts: [{address: 10.231.77.1, hostnames: "
           "[" +
           alias +
           "]}]}\n"
           "addresses:\n  - address: 10.231.77.1/24\n    dhcp: {ranges: [{start: 10.231.77.100, end: 10.231.77.199}], "
           "hosts: [{name: printer, macAddress: "
           "\"52:54:00:e2:e0:30\", address: " +
           address + "}]}\n";
  };
  const auto resolve = [](const std::string& name) {
    return util::run({.args = {"busybox", "nslookup", name, "10.231.77.1"}}).out;
  };
  const auto first = vmtool({"net", "define", "-f", "-"}, hosts("10.231.77.230", "gate"));
  ASSERT_EQ(first.exit_code, 0) << testing::PrintToString(first);
  EXPECT_THAT(first.out, HasSubstr("live"));
  EXPECT_THAT(first.out, Not(HasSubstr("at the next start")));
  for (const auto& args :
       {std::vector<std::string>{"net-dumpxml", "vt-e2e-net"}, {"net-dumpxml", "--inactive", "vt-e2e-net"}}) {
    EXPECT_THAT(virsh(args).out, HasSubstr("ip='10.231.77.230'"));
  }
  EXPECT_THAT(resolve("gate"), HasSubstr("10.231.77.1"));
  EXPECT_THAT(vmtool({"net", "define", "-f", "-"}, hosts("10.231.77.230", "gate")).out, HasSubstr("unchanged"));

  // Moved and renamed: the old ones give way.
  expect_ok({"net", "define", "-f", "-"}, hosts("10.231.77.231", "door"));
  for (const auto& args :
       {std::vector<std::string>{"net-dumpxml", "vt-e2e-net"}, {"net-dumpxml", "--inactive", "vt-e2e-net"}}) {
    EXPECT_THAT(virsh(args).out, HasSubstr("ip='10.231.77.231'"));
    EXPECT_THAT(virsh(args).out, Not(HasSubstr("10.231.77.230")));
    EXPECT_THAT(virsh(args).out, Not(HasSubstr("gate")));
  }
  EXPECT_THAT(resolve("door"), HasSubstr("10.231.77.1"));
}

TEST_F(Net, AnAddressOfAMachineIsAReservationAndGoesWithIt) {
  define(network_yaml + "---\n" +
         bare_machine("vt-e2e-fixed", "interfaces: [{name: lan, network: vt-e2e-net, address: 10.231.77.40}]\n"));
  const auto xml = virsh({"net-dumpxml", "--inactive", "vt-e2e-net"}).out;
  EXPECT_THAT(xml, HasSubstr("ip='10.231.77.40'"));
  EXPECT_THAT(xml, HasSubstr("<hostname>vt-e2e-fixed</hostname>"));
  expect_ok({"delete", "vt-e2e-fixed", "--yes"});
  EXPECT_THAT(virsh({"net-dumpxml", "--inactive", "vt-e2e-net"}).out, Not(HasSubstr("10.231.77.40")));
}

TEST_F(Net, ASubnetThatIsTakenIsRefusedWithItsOwner) {
  make();
  expect_ok({"net", "start", "vt-e2e-net"});
  const auto state = take_host_state();
  const auto result =
      vmtool({"net", "define", "-f", "-"},
             "kind: Network\nname: vt-e2e-other\nbridge: {name: vte2e1}\naddresses: [{address: 10.231.77.129/25}]\n");
  EXPECT_EQ(result.exit_code, 5) << testing::PrintToString(result);
  EXPECT_EQ(count_errors(result.err), 1) << result.err;
  EXPECT_THAT(result.err, testing::AnyOf(HasSubstr("vt-e2e-net"), HasSubstr("vte2e0")));
  EXPECT_THAT(take_host_state(), ContainerEq(state));
}

TEST_F(Net, ABridgeNameThatIsTakenIsRefusedWithItsOwner) {
  make();
  const auto state = take_host_state();
  const auto result =
      vmtool({"net", "define", "-f", "-"},
             "kind: Network\nname: vt-e2e-other\nbridge: {name: vte2e0}\naddresses: [{address: 10.231.78.1/24}]\n");
  EXPECT_EQ(result.exit_code, 5) << testing::PrintToString(result);
  EXPECT_THAT(result.err, HasSubstr("vt-e2e-net"));
  EXPECT_THAT(take_host_state(), ContainerEq(state));
}

TEST_F(Net, AutomaticSubnetAndBridgeAreFree) {
  expect_ok({"net", "define", "-f", "-"}, "kind: Network\nname: vt-e2e-auto\naddresses: [{address: auto, dhcp: {}}]\n");
  expect_ok({"net", "start", "vt-e2e-auto"});
  EXPECT_EQ(json_of({"net", "show", "vt-e2e-auto"}).at("state"), "active");
}

TEST_F(Net, AMachineKeepsANetworkFromBeingDeleted) {
  define(network_yaml + "---\n" + bare_machine("vt-e2e-user", "interfaces: [{name: lan, network: vt-e2e-net}]\n"));
  const auto result = vmtool({"net", "delete", "vt-e2e-net", "--yes"});
  EXPECT_EQ(result.exit_code, 5) << testing::PrintToString(result);
  EXPECT_THAT(result.err, HasSubstr("vt-e2e-user"));
  EXPECT_EQ(virsh({"net-info", "vt-e2e-net"}).exit_code, 0);
}

}  // namespace
}  // namespace vmtool::tests
