#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "bundle/config.hpp"
#include "bundle/summary.hpp"
#include "isolation/capability.hpp"
#include "util/error.hpp"

namespace vmtool::bundle {
namespace {

using nlohmann::json;
using testing::ElementsAre;

model::Container small() {
  model::Container container;
  container.name = "web";
  container.rootfs.layers = {"/a"};
  container.process.args = {"true"};
  return container;
}

ConfigFacts here() {
  ConfigFacts facts;
  facts.directory = "/state/containers/web";
  facts.layers = {"/a"};
  return facts;
}

json config_of(const model::Container& container, const ConfigFacts& facts) {
  return json::parse(write_config(container, facts));
}

TEST(Config, TheDefaultCapabilitiesAreTheEngines) {
  std::uint64_t mask = 0;
  for (const std::string& name : model::default_capabilities())
    mask |= isolation::capability_bit(isolation::find_capability(name).value());
  EXPECT_EQ(mask, isolation::default_capabilities());
  EXPECT_EQ(model::capability_names(), isolation::capability_names());
}

TEST(Config, AnImageGivesWhatTheManifestLeavesOut) {
  model::Container container = small();
  container.process.args.clear();
  container.process.env = {{"A", "own"}};
  ConfigFacts facts = here();
  facts.image = ImageDefaults{
      "tool",  "", {"/entry"}, {"-x"}, {"A=image", "B=image", "PATH=/bin"}, "/work", model::ContainerUser{7, 8, {}},
      "SIGINT"};
  const json config = config_of(container, facts);
  EXPECT_EQ(config["process"]["args"], (json{"/entry", "-x"}));
  EXPECT_EQ(config["process"]["env"], (json{"PATH=/bin", "A=own", "B=image"}));
  EXPECT_EQ(config["process"]["cwd"], "/work");
  EXPECT_EQ(config["process"]["user"]["uid"], 7);
  EXPECT_EQ(config["annotations"]["org.vmtool.stopSignal"], "SIGINT");
  container.process.args = {"other"};
  container.process.cwd = "/own";
  container.process.user = model::ContainerUser{};
  container.stop_signal = "SIGQUIT";
  const json own = config_of(container, facts);
  EXPECT_EQ(own["process"]["args"], json{"other"});
  EXPECT_EQ(own["process"]["cwd"], "/own");
  EXPECT_EQ(own["process"]["user"]["uid"], 0);
  EXPECT_EQ(own["annotations"]["org.vmtool.stopSignal"], "SIGQUIT");
}

TEST(Config, WithoutACommandAnywhereIsAnError) {
  model::Container container = small();
  container.process.args.clear();
  EXPECT_THROW(write_config(container, here()), util::Error);
}

TEST(Config, ASeccompProfileMustBeOne) {
  for (const char* text : {"[]", "{", "{\"syscalls\": []}"}) {
    ConfigFacts facts = here();
    facts.seccomp_profile = text;
    EXPECT_THROW(write_config(small(), facts), util::Error) << text;
  }
}

TEST(Config, WithoutRootNoDeviceRulesAndNoControlGroups) {
  ConfigFacts facts = here();
  facts.rootless = true;
  facts.uids = facts.gids = {{0, 1000, 1}};
  const json config = config_of(small(), facts);
  EXPECT_FALSE(config["linux"].contains("resources"));
  EXPECT_EQ(config["linux"]["uidMappings"][0]["hostID"], 1000);
  EXPECT_EQ(config.dump().find("gid=5"), std::string::npos) << "the group of terminals is not mapped";
  EXPECT_EQ(config.dump().find("/sys/fs/cgroup"), std::string::npos);
}

TEST(Config, DevicesAreLimitedByTheirNumbers) {
  model::ContainerResources resources;
  resources.block = {{"/dev/a", util::Bytes{1 << 20}, {}, {}, 100}, {"/dev/b", {}, util::Bytes{5}, 7, {}}};
  const json text = json::parse(write_resources(resources, {}, {{"/dev/a", {8, 0}}, {"/dev/b", {254, 16}}}));
  EXPECT_EQ(text["blockIO"]["throttleReadBpsDevice"], (json::array({{{"major", 8}, {"minor", 0}, {"rate", 1 << 20}}})));
  EXPECT_EQ(text["blockIO"]["throttleWriteBpsDevice"][0]["minor"], 16);
  EXPECT_EQ(text["blockIO"]["throttleReadIOPSDevice"][0]["rate"], 7);
  EXPECT_EQ(text["blockIO"]["throttleWriteIOPSDevice"][0]["major"], 8);
  EXPECT_EQ(write_resources({}, {}, {}), "{}");
}

TEST(Config, ALimitThatIsGoneIsLifted) {
  model::ContainerResources before;
  before.memory = {util::Bytes{1 << 20}, {}, util::Bytes{0}};
  before.cpu.quota = std::chrono::milliseconds{10};
  before.pids.limit = 4;
  model::ContainerResources wanted;
  wanted.pids.limit = 9;
  EXPECT_EQ(json::parse(write_resources(wanted, before, {})),
            (json{{"memory", {{"limit", -1}, {"swap", -1}}}, {"cpu", {{"quota", -1}}}, {"pids", {{"limit", 9}}}}));
}

TEST(Config, PingNeedsNoCapability) {
  model::Container container = small();
  EXPECT_EQ(config_of(container, here())["linux"]["sysctl"]["net.ipv4.ping_group_range"], "0 2147483647");
  ConfigFacts mapped = here();
  mapped.uids = mapped.gids = {{0, 1000, 1}};
  EXPECT_EQ(config_of(container, mapped)["linux"]["sysctl"]["net.ipv4.ping_group_range"], "0 0");
  container.sysctl["net.ipv4.ping_group_range"] = "1 0";
  EXPECT_EQ(config_of(container, here())["linux"]["sysctl"]["net.ipv4.ping_group_range"], "1 0");
}

TEST(Config, TheUserNetworkIsMadeByAHook) {
  model::Container container = small();
  container.interfaces = {{"eth0", model::user_network, {}, {}, {}}};
  container.ports = {{8080, 80, model::PortProtocol::tcp, model::parse_ip("127.0.0.1")},
                     {8081, 81, model::PortProtocol::tcp, {}}};
  ConfigFacts facts = here();
  facts.network_files = "/run/x";
  const json config = config_of(container, facts);
  const json& hook = config["hooks"]["createRuntime"][0];
  EXPECT_EQ(hook["path"], "/bin/sh");
  EXPECT_THAT(hook["args"].dump(), testing::HasSubstr(R"("--ns-ifname","eth0")"));
  EXPECT_THAT(hook["args"].dump(), testing::HasSubstr(R"("-t","127.0.0.1/8080:80,8081:81","-u","none")"));
  EXPECT_THAT(config["mounts"].dump(), testing::HasSubstr(R"("source":"/run/x/resolv.conf","type":"bind")"));
}

TEST(Config, OtherLayersAndOtherVethPairs) {
  const std::string config = write_config(small(), here());
  const Summary layered = read_summary(with_layers(config, {"/a:b", "/c"}));
  EXPECT_THAT(layered.layers, ElementsAre("/a:b", "/c"));
  const std::string plugged =
      with_attachments(config, {{"eth0", "virbr0", "52:54:00:11:22:33", 1400, {"192.168.1.2/24"}, {"192.168.1.1"}}});
  EXPECT_EQ(read_summary(plugged).attachments[0].mtu, 1400U);
  EXPECT_THAT(read_summary(plugged).attachments[0].gateways, ElementsAre("192.168.1.1"));
  EXPECT_EQ(json::parse(with_attachments(plugged, {})), json::parse(config));
  EXPECT_THROW(with_layers("[]", {}), util::Error);
  EXPECT_THROW(with_attachments("[]", {}), util::Error);
}

TEST(Summary, SaysWhatCommandsNeed) {
  model::Container container = small();
  container.resources.memory.limit = util::Bytes{100 << 20};
  container.resources.cpu.quota = std::chrono::milliseconds{150};
  container.resources.pids.limit = 5;
  container.restart_policy = model::RestartPolicy::always;
  container.stop_timeout = std::chrono::seconds{3};
  container.stop_signal = "SIGINT";
  container.autostart = container.is_protected = true;
  ConfigFacts facts = here();
  facts.layers = {"/a:b", "/c\\d,e"};
  facts.digest = "abc";
  facts.remove_at_end = true;
  facts.image.emplace().name = "busybox";
  facts.image->digest = "sha256:12";
  facts.image->user = model::ContainerUser{7, 8, {}};
  facts.attachments = {{"eth0", "virbr0", "52:54:00:11:22:33", 0, {"192.168.1.2/24"}, {"192.168.1.1"}}};
  const Summary summary = read_summary(write_config(container, facts));
  EXPECT_EQ(summary.hostname, "web");
  EXPECT_THAT(summary.layers, ElementsAre("/a:b", "/c\\d,e"));
  EXPECT_EQ(summary.memory_limit, std::uint64_t{100} << 20);
  EXPECT_EQ(summary.cpus, 1.5);
  EXPECT_EQ(summary.pids_limit, 5U);
  EXPECT_EQ(summary.restart_policy, model::RestartPolicy::always);
  EXPECT_EQ(summary.stop_timeout, std::chrono::seconds{3});
  EXPECT_EQ(summary.stop_signal, "SIGINT");
  EXPECT_TRUE(summary.autostart && summary.is_protected && summary.remove_at_end);
  EXPECT_EQ(summary.digest, "abc");
  EXPECT_EQ(summary.image->name, "busybox");
  EXPECT_EQ(summary.image->digest, "sha256:12");
  EXPECT_EQ(summary.image->user, (model::ContainerUser{7, 8, {}}));
  EXPECT_THAT(addresses_of(summary), ElementsAre("192.168.1.2"));
  ASSERT_EQ(summary.attachments.size(), 1U);
  EXPECT_EQ(summary.attachments[0].mac, "52:54:00:11:22:33");
}

TEST(Summary, ADamagedFileIsOneError) {
  for (const char* text :
       {"", "[]", "{\"annotations\": {\"org.vmtool.interfaces\": \"[{\\\"name\\\": 5, \\\"addresses\\\": 7}]\"}}"}) {
    EXPECT_THROW(read_summary(text), util::Error) << text;
  }
}

}  // namespace
}  // namespace vmtool::bundle
