// Manifests of containers beside the config.json that `vmtool render` makes of them.
#include <gmock/gmock.h>

#include <cstdlib>

#include <nlohmann/json.hpp>

#include "isolation/capability.hpp"
#include "manifest/fields.hpp"
#include "manifest/read.hpp"
#include "oci/config.hpp"
#include "ops/render.hpp"
#include "util/command.hpp"
#include "util/file.hpp"

namespace vmtool::tests {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

fs::path source() { return std::getenv("VMTOOL_SOURCE_DIR"); }
fs::path folder() { return source() / "tests/golden/bundle"; }

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder())) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

model::Manifest read_manifest(const std::string& name, const std::string& text) {
  const manifest::Source source{(folder() / name).native(), text};
  manifest::Options options;
  if (text.find("${PORT}") != std::string::npos && text.find("$${PORT}") == std::string::npos)
    options.variables["PORT"] = "${PORT}";
  auto result = manifest::read({&source, 1}, options);
  if (!result.diagnostics.empty()) throw manifest::to_error(result.diagnostics);
  return std::move(result.manifest);
}

model::Manifest read_case(const std::string& name) {
  return read_manifest(name + ".yaml", util::read_file(folder() / (name + ".yaml"), 1 << 20));
}

std::string rendered(const std::string& name) {
  std::string text = ops::render(read_case(name), std::nullopt).at(0).config;
  // The tree may lie anywhere.
  for (auto at = text.find(folder()); at != std::string::npos; at = text.find(folder()))
    text.replace(at, folder().native().size(), "HERE");
  // The digest holds that place too.
  const auto digest = text.find("manifestDigest\": \"");
  if (digest != std::string::npos) text.replace(text.find('"', digest + 16) + 1, 64, "DIGEST");
  return text;
}

class GoldenBundle : public testing::TestWithParam<std::string> {};

// VMTOOL_ACCEPT=1 writes the files anew; read the difference before it is committed.
TEST_P(GoldenBundle, IsTheSameToTheByte) {
  const fs::path file = folder() / (GetParam() + ".json");
  const std::string text = rendered(GetParam());
  if (std::getenv("VMTOOL_ACCEPT") != nullptr) util::write_file_atomic(file, text);
  EXPECT_EQ(text, util::read_file(file, 1 << 20));
}

TEST_P(GoldenBundle, IsValidByTheSchemaOfTheRuntimeSpec) {
  const auto result =
      util::run({{"/usr/bin/python3", "-W", "ignore", source() / "tests/integration/oci/check_schema.py",
                  "config-schema.json", folder() / (GetParam() + ".json")}});
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.exit_code, 0);
}

TEST_P(GoldenBundle, AContainerIsWrittenAsADocumentThatReadsTheSame) {
  const model::Manifest manifest = read_case(GetParam());
  const std::string text = manifest::write_document(manifest.documents.at(0).object);
  const model::Manifest again = read_manifest("again.yaml", text);
  EXPECT_EQ(std::get<model::Container>(again.documents.at(0).object),
            std::get<model::Container>(manifest.documents.at(0).object))
      << text;
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenBundle, testing::ValuesIn(case_names()),
                         [](const auto& about) { return about.param; });

TEST(GoldenBundleMeaning, IsolateReadsTheWholeOfIt) {
  // What only a host decides is no address for the engine.
  auto document = nlohmann::json::parse(rendered("full"));
  std::string interfaces = document["annotations"]["org.vmtool.interfaces"];
  interfaces.replace(interfaces.find("<prefix length>"), 15, "24");
  document["annotations"]["org.vmtool.interfaces"] = interfaces;
  const isolation::Spec spec = oci::read_config(document.dump(), "/bundle", "cache01");
  EXPECT_EQ(spec.root.path, "/bundle/rootfs");
  EXPECT_TRUE(spec.root.read_only);
  ASSERT_TRUE(spec.root.overlay);
  EXPECT_THAT(spec.root.overlay->lower, ElementsAre("/srv/rootfs/app", "/srv/rootfs/a:b,c\\d"));
  EXPECT_EQ(spec.root.overlay->upper, "/var/lib/vmtool/containers/cache01/upper");
  EXPECT_EQ(spec.root.overlay->work, "/var/lib/vmtool/containers/cache01/work");
  EXPECT_EQ(spec.hostname, "cache");
  EXPECT_THAT(spec.process.args, ElementsAre("/bin/sh", "-c", "exec httpd -f -p 80 # ${PORT}", ""));
  EXPECT_THAT(spec.process.env, ElementsAre("PATH=/bin", "TERM=xterm", "EMPTY=", "LANG=C.UTF-8"));
  EXPECT_EQ(spec.process.cwd, "/srv");
  EXPECT_EQ(spec.process.user.uid, 33U);
  EXPECT_EQ(spec.process.user.gid, 34U);
  EXPECT_THAT(spec.process.user.groups, ElementsAre(5U, 100U));
  EXPECT_EQ(spec.process.capabilities.bounding, (std::uint64_t{1} << 10) | (std::uint64_t{1} << 13));
  EXPECT_EQ(spec.process.capabilities.ambient, 0U);
  ASSERT_EQ(spec.process.rlimits.size(), 1U);
  EXPECT_EQ(spec.process.rlimits[0].hard, UINT64_MAX);
  EXPECT_FALSE(spec.process.no_new_privileges);
  EXPECT_TRUE(spec.process.terminal);
  EXPECT_THAT(spec.uid_map, ElementsAre(isolation::IdMap{0, 200000, 65536}));
  EXPECT_THAT(spec.gid_map, ElementsAre(isolation::IdMap{0, 200000, 65536}));
  EXPECT_TRUE(spec.makes(isolation::NamespaceKind::user));
  EXPECT_EQ(spec.mounts.at(spec.mounts.size() - 2).source, "/srv/data");
  EXPECT_THAT(spec.mounts.at(spec.mounts.size() - 2).options, ElementsAre("rbind", "rw", "nosuid", "nodev"));
  EXPECT_THAT(spec.mounts.back().options, ElementsAre("size=64m"));
  EXPECT_EQ(spec.resources.memory_limit, 100 << 20);
  EXPECT_EQ(spec.resources.memory_swap, 100 << 20) << "no swap beyond memory";
  EXPECT_EQ(spec.resources.memory_reservation, 50 << 20);
  EXPECT_EQ(spec.resources.cpu_quota, 50'000);
  EXPECT_EQ(spec.resources.cpu_period, 100'000U);
  EXPECT_EQ(spec.resources.cpu_cpus, "0-1");
  EXPECT_EQ(spec.resources.pids_limit, 128);
  EXPECT_EQ(spec.seccomp_use, isolation::SeccompUse::profile);
  EXPECT_EQ(spec.seccomp.rules.at(0).errno_value, 28U);
  EXPECT_TRUE(spec.init);
  ASSERT_EQ(spec.interfaces.size(), 1U);
  EXPECT_EQ(spec.interfaces[0].mtu, 1400U);
  EXPECT_EQ(spec.cgroups_path, "/vmtool/cache01");
  EXPECT_EQ(spec.annotations.at("org.vmtool.stopSignal"), "SIGRTMIN+3");
}

TEST(GoldenBundleMeaning, WhatIsNotSaidIsTheEnginesDefault) {
  const isolation::Spec spec = oci::read_config(rendered("least"), "/bundle", "least");
  EXPECT_EQ(spec.process.capabilities.bounding, isolation::default_capabilities());
  EXPECT_EQ(spec.process.capabilities.effective, isolation::default_capabilities());
  EXPECT_TRUE(spec.process.no_new_privileges);
  EXPECT_EQ(spec.seccomp_use, isolation::SeccompUse::standard);
  EXPECT_FALSE(spec.makes(isolation::NamespaceKind::user));
  EXPECT_FALSE(spec.resources.memory_limit);
  EXPECT_TRUE(spec.interfaces.empty());
  EXPECT_EQ(oci::read_config(rendered("image"), "/b", "web").seccomp_use, isolation::SeccompUse::unconfined);
  EXPECT_EQ(oci::read_config(rendered("image"), "/b", "web").process.capabilities.bounding, 0U);
}

}  // namespace
}  // namespace vmtool::tests
