// One manifest with a network, a machine and two containers: they find each other by name, and nothing is left of them.

#include <fcntl.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <functional>
#include <thread>

#include <fmt/format.h>

#include "tests/e2e/scene.hpp"
#include "util/file.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* port_of_host = "18097";

class OneManifest : public Scene {
 protected:
  void SetUp() override {
    VMTOOL_NEEDS("root");
    VMTOOL_NEEDS("tcg");
    ::setenv("VMTOOL_STATE_DIR", (dir_.path() / "state").c_str(), 1);
    ::setenv("VMTOOL_RUN_DIR", (dir_.path() / "run").c_str(), 1);
    Scene::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    guest_ = tiny_guest();
    run({"image", "build", "busybox"});
  }
  void TearDown() override {
    for (const char* name : {"vt-e2e-web", "vt-e2e-client"}) vmtool({"delete", "--yes", "--force", name});
    Scene::TearDown();
    ::unsetenv("VMTOOL_STATE_DIR");
    ::unsetenv("VMTOOL_RUN_DIR");
  }

  static util::Result run(std::vector<std::string> args, const std::string& input = {}) {
    const auto result = vmtool(std::move(args), input);
    EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(result);
    return result;
  }
  // The text of a source once it has the word in it, or what it was after two minutes.
  static std::string wait_for(const std::string& word, const std::function<std::string()>& source) {
    std::string text;
    for (int attempt = 0; attempt < 600; ++attempt) {
      text = source();
      if (text.find(word) != std::string::npos) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    return text;
  }
  static std::string output(const std::vector<std::string>& args) {
    const auto result = util::run({.args = args});
    return result.out + result.err;
  }
  static std::string fetched_by_host() {
    return output({"python3", "-c",
                   "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=5).read().decode(), end='')",
                   fmt::format("http://127.0.0.1:{}/", port_of_host)});
  }

  std::string manifest() const {
    return network_yaml + fmt::format(R"(---
base: tiny
name: vt-e2e-box
domainType: qemu
boot: {{cmdline: "console=ttyS0 quiet fetch=vt-e2e-web"}}
interfaces:
  - {{name: lan, network: vt-e2e-net, address: 10.231.77.10}}
---
kind: Container
name: vt-e2e-web
rootfs: {{image: busybox}}
process: {{args: [/bin/sh, -c, "mkdir /www && echo hello from the container > /www/index.html && exec busybox httpd -f -p 80 -h /www"]}}
interfaces: [{{name: eth0, network: vt-e2e-net}}]
ports: [{{hostPort: {}, containerPort: 80}}]
stopTimeout: 1s
---
kind: Container
name: vt-e2e-client
rootfs: {{image: busybox}}
process: {{args: [/bin/sh, -c, "for name in vt-e2e-web vt-e2e-box; do until ping -c 1 -W 1 $name; do sleep 1; done; done; exec sleep 1000"], capabilities: [CAP_NET_RAW]}}
interfaces: [{{name: eth0, network: vt-e2e-net, address: 10.231.77.30}}]
stopTimeout: 1s
)",
                                      port_of_host);
  }

  std::string guest_;
};

TEST_F(OneManifest, AMachineAndTwoContainersShareANetworkAndLeaveNothing) {
  run({"define", "-f", "-", "--set", "guest=" + guest_}, manifest());
  EXPECT_THAT(run({"define", "-f", "-", "--set", "guest=" + guest_}, manifest()).out, Not(HasSubstr("created")));
  run({"start", "vt-e2e-web", "vt-e2e-client", "vt-e2e-box"});

  // In one table, and in the network as virsh sees it.
  const auto listed = run({"list"}).out;
  EXPECT_THAT(listed, HasSubstr("10.231.77.30"));
  const std::string web = json_of({"ip", "vt-e2e-web"}).at("addresses").at(0).at("address");
  EXPECT_EQ(web, "10.231.77.2");
  EXPECT_THAT(virsh({"net-dumpxml", "vt-e2e-net"}).out, HasSubstr("<hostname>vt-e2e-web</hostname>"));

  EXPECT_THAT(fetched_by_host(), HasSubstr("hello from the container"));
  const auto pings = wait_for("10.231.77.10", [] { return vmtool({"logs", "vt-e2e-client"}).out; });
  EXPECT_THAT(pings, HasSubstr("PING vt-e2e-web (10.231.77.2)"));
  EXPECT_THAT(pings, HasSubstr("PING vt-e2e-box (10.231.77.10)"));
  const std::string console = json_of({"show", "vt-e2e-box"}).at("consoleLog");
  const auto said = wait_for("VMTOOL-FETCHED", [&] { return util::read_file(console, 1 << 20); });
  EXPECT_THAT(said, HasSubstr("VMTOOL-FETCHED hello from the container"));

  run({"stop", "vt-e2e-web", "vt-e2e-client", "vt-e2e-box"});
  EXPECT_THAT(virsh({"net-dumpxml", "vt-e2e-net"}).out, Not(HasSubstr("vt-e2e-web")));
  EXPECT_THAT(output({"nft", "list", "ruleset"}), Not(HasSubstr("vt-e2e-web")));
  EXPECT_EQ(output({"ip", "-o", "link", "show", "master", "vte2e0"}), "");

  run({"delete", "--yes", "vt-e2e-web", "vt-e2e-client", "vt-e2e-box"});
  run({"net", "delete", "vt-e2e-net", "--yes"});
  EXPECT_THAT(take_host_state(), testing::ContainerEq(before()));
  const std::string place = dir_.path();
  EXPECT_THAT(util::read_all(util::open_file("/proc/self/mountinfo", O_RDONLY).get(), 1 << 24), Not(HasSubstr(place)));
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path() / "state/containers"));
  for (const char* hierarchy : {"memory", "pids", "unified"}) {
    for (const char* name : {"vt-e2e-web", "vt-e2e-client"})
      EXPECT_FALSE(std::filesystem::exists(fmt::format("/sys/fs/cgroup/{}/vmtool/{}", hierarchy, name)));
  }
}

TEST_F(OneManifest, AContainerThatEndedByItselfAndLostItsNetworkLeavesNothingThere) {
  const std::string ends =
      "---\nkind: Container\nname: vt-e2e-web\nrootfs: {image: busybox}\nprocess: {args: [/bin/true]}\n";
  const std::string plugged =
      fmt::format("interfaces: [{{name: eth0, network: vt-e2e-net}}]\nports: [{{hostPort: {}, containerPort: 80}}]\n",
                  port_of_host);
  run({"define", "-f", "-"}, network_yaml + ends + plugged);
  run({"start", "vt-e2e-web"});
  const auto state = [] { return json_of({"show", "vt-e2e-web"}).at("state") == "running" ? "" : "ended"; };
  ASSERT_EQ(wait_for("ended", state), "ended");
  ASSERT_THAT(virsh({"net-dumpxml", "vt-e2e-net"}).out, HasSubstr("vt-e2e-web"));
  ASSERT_THAT(output({"nft", "list", "ruleset"}), HasSubstr("vt-e2e-web"));

  run({"define", "-f", "-"}, ends);
  run({"start", "vt-e2e-web"});
  EXPECT_THAT(virsh({"net-dumpxml", "vt-e2e-net"}).out, Not(HasSubstr("vt-e2e-web")));
  EXPECT_THAT(output({"nft", "list", "ruleset"}), Not(HasSubstr("vt-e2e-web")));
  run({"net", "delete", "vt-e2e-net", "--yes"});
}

}  // namespace
}  // namespace vmtool::tests
