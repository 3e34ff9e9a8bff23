#include "oci/config.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "isolation/capability.hpp"
#include "oci/document.hpp"
#include "oci/signal_name.hpp"
#include "util/error.hpp"

namespace vmtool::oci {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json minimal() {
  return {{"ociVersion", "1.0.2"},
          {"root", {{"path", "rootfs"}}},
          {"process", {{"args", {"true"}}, {"cwd", "/"}, {"user", {{"uid", 0}, {"gid", 0}}}}}};
}

std::string refusal(const json& document) {
  try {
    read_config(document.dump(), "/bundle", "web");
  } catch (const util::Error& error) {
    EXPECT_EQ(error.kind(), util::Errc::invalid_input);
    return error.message();
  }
  return "nothing was thrown";
}

TEST(ReadConfig, ReadsItsOwnExample) {
  const isolation::Spec spec = read_config(example_config(false), "/bundle", "web");
  EXPECT_EQ(spec.root.path, "/bundle/rootfs");
  EXPECT_TRUE(spec.root.read_only);
  EXPECT_TRUE(spec.process.no_new_privileges);
  EXPECT_EQ(spec.process.capabilities.bounding, isolation::default_capabilities());
  EXPECT_TRUE(spec.makes(isolation::NamespaceKind::cgroup));
  EXPECT_EQ(spec.mounts.size(), 7u);
  EXPECT_TRUE(read_config(example_config(true), "/bundle", "web").makes(isolation::NamespaceKind::user));
}

TEST(ReadConfig, IgnoresMembersItDoesNotKnow) {
  json document = minimal();
  document["future"] = {{"thing", 1}};
  document["linux"]["novelty"] = true;
  EXPECT_EQ(refusal(document), "nothing was thrown");
}

TEST(ReadConfig, RefusesLimitsThatNothingEnforces) {
  const auto with = [](const char* resources) {
    json document = minimal();
    document["linux"]["resources"] = json::parse(resources);
    return refusal(document);
  };
  EXPECT_EQ(with(R"({"cpu": {"burst": 1000}})"), "linux.resources.cpu.burst: this CPU limit is not available");
  EXPECT_EQ(with(R"({"cpu": {"idle": 1}})"), "linux.resources.cpu.idle: this CPU limit is not available");
  EXPECT_EQ(with(R"({"network": {"classID": 7}})"),
            "linux.resources.network.classID: network classes are not available");
  EXPECT_EQ(with(R"({"network": {"priorities": [{"name": "eth0", "priority": 5}]}})"),
            "linux.resources.network.priorities[0]: network priorities are not available");
  EXPECT_EQ(with(R"({"rdma": {"mlx5_1": {"hcaHandles": 3}}})"),
            "linux.resources.rdma.mlx5_1: RDMA limits are not available");
  EXPECT_EQ(with(R"({"blockIO": {"leafWeight": 100}})"),
            "linux.resources.blockIO.leafWeight: a weight against child cgroups is not available: the kernel has "
            "dropped that");
  EXPECT_EQ(with(R"({"blockIO": {"weightDevice": [{"major": 8, "minor": 0}]}})"),
            "linux.resources.blockIO.weightDevice[0]: needs major, minor and weight");
  EXPECT_EQ(
      with(
          R"({"cpu": {"idle": 0}, "network": {}, "rdma": {}, "blockIO": {"weightDevice": [{"major": 8, "minor": 0, "weight": 100}]}})"),
      "nothing was thrown");
}

TEST(ReadConfig, NamesThePlaceOfAWrongType) {
  json document = minimal();
  document["process"]["args"] = {"true", 5};
  EXPECT_EQ(refusal(document), "process.args[1]: must be a string");
  document = minimal();
  document["process"]["user"]["uid"] = 4294967295;
  EXPECT_EQ(refusal(document), "process.user.uid: must be at most 4294967294");
  document = minimal();
  document["process"]["capabilities"]["bounding"] = {"CAP_FLY"};
  EXPECT_THAT(refusal(document), HasSubstr("there is no capability 'CAP_FLY'"));
  document = minimal();
  document["ociVersion"] = "2.0.0";
  EXPECT_THAT(refusal(document), HasSubstr("ociVersion"));
}

TEST(ReadConfig, RefusesDuplicateMembersAndDepth) {
  EXPECT_THROW(read_config(R"({"ociVersion":"1.0.2","root":{"path":"a"},"root":{"path":"b"},"process":{"args":["x"]}})",
                           "/b", "c"),
               util::Error);
  const std::string deep = std::string(20'000, '[') + std::string(20'000, ']');
  EXPECT_THROW(read_config(deep, "/b", "c"), util::Error);
  EXPECT_THROW(read_config("", "/b", "c"), util::Error);
  EXPECT_THROW(read_config("[]", "/b", "c"), util::Error);
}

TEST(ReadConfig, AnOverlayOnTheRootIsTheRoot) {
  json document = minimal();
  document["mounts"] = {
      {{"destination", "/"},
       {"type", "overlay"},
       {"source", "overlay"},
       {"options", {"lowerdir+=/a:b", "lowerdir=/c\\:d:e", "upperdir=up", "workdir=/w", "volatile"}}}};
  const isolation::Spec spec = read_config(document.dump(), "/bundle", "web");
  ASSERT_TRUE(spec.root.overlay);
  EXPECT_THAT(spec.root.overlay->lower, testing::ElementsAre("/a:b", "/c:d", "/bundle/e"));
  EXPECT_EQ(spec.root.overlay->upper, "/bundle/up");
  EXPECT_EQ(spec.root.overlay->options.front().first, "volatile");
  EXPECT_TRUE(spec.mounts.empty());
}

TEST(ReadConfig, ReadsInterfacesFromTheAnnotation) {
  json document = minimal();
  document["annotations"][annotation_interfaces] =
      R"([{"name":"eth0","bridge":"virbr0","macAddress":"52:54:00:01:02:03","mtu":1400,
    "addresses":["192.0.2.7/24","fd00::7/64"],"routes":[{"gateway":"192.0.2.1"}]}])";
  const auto spec = read_config(document.dump(), "/bundle", "web");
  ASSERT_EQ(spec.interfaces.size(), 1u);
  EXPECT_EQ(spec.interfaces[0].mac[0], 0x52);
  EXPECT_EQ(spec.interfaces[0].addresses[1].prefix, 64);
  EXPECT_EQ(spec.interfaces[0].routes[0].destination.prefix, 0);
  document["annotations"][annotation_interfaces] = R"([{"addresses":["192.0.2.7"]}])";
  EXPECT_THAT(refusal(document), HasSubstr("no prefix length"));
}

TEST(ReadConfig, ReadsLimits) {
  json document = minimal();
  document["linux"]["resources"] = {
      {"memory", {{"limit", 104857600}}}, {"pids", {{"limit", 64}}}, {"cpu", {{"quota", 50000}, {"period", 100000}}}};
  const auto spec = read_config(document.dump(), "/bundle", "web");
  EXPECT_EQ(spec.resources.memory_limit, 104857600);
  EXPECT_EQ(spec.resources.pids_limit, 64);
  document["linux"]["resources"]["memory"]["limit"] = "100M";
  EXPECT_EQ(refusal(document), "linux.resources.memory.limit: must be a whole number");
}

TEST(FindSignal, KnowsNamesAndNumbers) {
  EXPECT_EQ(find_signal("9"), 9);
  EXPECT_EQ(find_signal("SIGTERM"), 15);
  EXPECT_EQ(find_signal("hup"), 1);
  EXPECT_EQ(find_signal("RTMIN+1"), 35);
  EXPECT_FALSE(find_signal("NOPE"));
  EXPECT_FALSE(find_signal("999"));
}

TEST(StateJson, HasWhatTheSpecificationAsksFor) {
  isolation::State state;
  state.id = "web";
  state.bundle = "/bundle";
  const json out =
      json::parse(state_json(state, "running", 42, R"({"annotations":{"a":"b"},"root":{"path":"rootfs"}})"));
  EXPECT_EQ(out["ociVersion"], "1.1.0");
  EXPECT_EQ(out["id"], "web");
  EXPECT_EQ(out["status"], "running");
  EXPECT_EQ(out["pid"], 42);
  EXPECT_EQ(out["bundle"], "/bundle");
  EXPECT_EQ(out["annotations"]["a"], "b");
}

}  // namespace
}  // namespace vmtool::oci
