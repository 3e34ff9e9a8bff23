// Renaming, cloning, copying files, starting with the host, measuring.
#include "bundle/attachments.hpp"
#include "tests/integration/containers/scene.hpp"

namespace vmtool::tests {
namespace {

using ChangeContainers = Containers;

TEST_F(ChangeContainers, ARenamedOneKeepsWhatItIs) {
  VMTOOL_NEEDS("cell");
  start("old", "echo here > /file; exec sleep 60");
  EXPECT_EQ(vmtool({"rename", "old", "new"}).exit_code, 5) << "it runs";
  ASSERT_EQ(vmtool({"stop", "old"}).exit_code, 0);
  define(document("taken", "true"));
  EXPECT_EQ(vmtool({"rename", "old", "taken"}).exit_code, 5);
  EXPECT_EQ(vmtool({"rename", "old", "a/b"}).exit_code, 2);
  EXPECT_EQ(vmtool({"rename", "odl", "new"}).exit_code, 4);
  const auto renamed = vmtool({"rename", "old", "new"});
  EXPECT_EQ(renamed.exit_code, 0) << renamed.err;
  EXPECT_EQ(vmtool({"list", "-o", "name"}).out, "new\ntaken\n");
  ASSERT_EQ(vmtool({"start", "new"}).exit_code, 0);
  EXPECT_EQ(vmtool({"exec", "new", "sh", "-c", "cat /file; hostname; cat /etc/hostname"}).out, "here\nold\nold\n");
}

TEST_F(ChangeContainers, ACloneHasItsOwnIdentity) {
  VMTOOL_NEEDS("cell");
  start("source", "echo here > /file; exec sleep 60");
  ASSERT_EQ(vmtool({"stop", "source"}).exit_code, 0);
  const auto cloned = vmtool({"clone", "source", "copy", "--count", "2"});
  ASSERT_EQ(cloned.exit_code, 0) << cloned.err;
  ASSERT_EQ(vmtool({"start", "source", "copy-1", "copy-2"}).exit_code, 0);
  std::set<std::string> ids;
  for (const char* name : {"source", "copy-1", "copy-2"}) {
    EXPECT_EQ(vmtool({"exec", name, "cat", "/file"}).out, "here\n");
    EXPECT_EQ(vmtool({"exec", name, "cat", "/etc/hostname"}).out, std::string(name) + "\n");
    ids.insert(vmtool({"exec", name, "cat", "/etc/machine-id"}).out);
  }
  EXPECT_EQ(ids.size(), 3U);
}

TEST_F(ChangeContainers, FilesAreCopiedBothWays) {
  VMTOOL_NEEDS("cell");
  start("web", "exec sleep 60");
  const fs::path tree = place.path() / "tree";
  fs::create_directories(tree / "below");
  std::ofstream(tree / "below/file") << "content\n";
  fs::create_symlink("file", tree / "below/link");
  fs::permissions(tree / "below/file", fs::perms(0640));
  const auto in = vmtool({"cp", tree, "web:/tmp"});
  ASSERT_EQ(in.exit_code, 0) << in.err;
  EXPECT_EQ(vmtool({"exec", "web", "sh", "-c", "cat /tmp/tree/below/link; stat -c %a /tmp/tree/below/file"}).out,
            "content\n640\n");
  ASSERT_EQ(vmtool({"cp", "web:/tmp/tree", place.path() / "back"}).exit_code, 0);
  EXPECT_EQ(util::read_file(place.path() / "back/below/file", 100), "content\n");
  EXPECT_EQ(fs::read_symlink(place.path() / "back/below/link"), "file");
  EXPECT_EQ(vmtool({"cp", "web:/nothing", place.path()}).exit_code, 4);
  EXPECT_EQ(vmtool({"cp", "web:/a", "web:/b"}).exit_code, 2);
  EXPECT_EQ(vmtool({"cp", "/a", "/b"}).exit_code, 2);
}

TEST_F(ChangeContainers, AHostileLinkLeadsNowhere) {
  VMTOOL_NEEDS("cell");
  const fs::path victim = place.path() / "victim";
  std::ofstream(victim) << "untouched";
  start("evil", fmt::format("ln -s {} /file; ln -s {} /folder; ln -s ../../../../../.. /up; exec sleep 60",
                            victim.native(), place.path().native()));
  std::ofstream(place.path() / "mine") << "mine";
  for (const char* inside :
       {"evil:/file", "evil:/folder", "evil:/folder/victim", "evil:/up/../..", "evil:/up/folder/victim"}) {
    vmtool({"cp", place.path() / "mine", inside});
    EXPECT_EQ(util::read_file(victim, 100), "untouched") << inside;
  }
  EXPECT_EQ(vmtool({"cp", "evil:/folder/victim", place.path() / "stolen"}).exit_code, 4) << "it is resolved inside";
  EXPECT_FALSE(fs::exists(place.path() / "stolen"));
  ASSERT_EQ(vmtool({"cp", "evil:/file", place.path() / "copied"}).exit_code, 0);
  EXPECT_TRUE(fs::is_symlink(place.path() / "copied")) << "a link, not what it names here";
}

TEST_F(ChangeContainers, WhatIsMarkedStartsWithTheHost) {
  VMTOOL_NEEDS("cell");
  define(document("one", "exec sleep 60") + "---\n" + document("two", "exec sleep 60", "autostart: true") + "---\n" +
         document("three", "exec sleep 60"));
  EXPECT_EQ(vmtool({"autostart", "one"}).exit_code, 0);
  EXPECT_THAT(vmtool({"autostart", "one"}).err, HasSubstr("is marked already"));
  ASSERT_EQ(vmtool({"autostart"}).exit_code, 0);
  EXPECT_EQ(show("one")["state"], "running");
  EXPECT_EQ(show("two")["state"], "running");
  EXPECT_EQ(show("three")["state"], "created");
  EXPECT_EQ(vmtool({"autostart", "--off", "two"}).exit_code, 0);
  EXPECT_EQ(show("two")["autostart"], false);
}

TEST_F(ChangeContainers, TopMeasures) {
  VMTOOL_NEEDS("cell");
  start("busy", "while true; do :; done", "resources: {memory: {limit: 64MiB}}");
  const auto top = nlohmann::json::parse(vmtool({"top", "--interval", "200ms", "-o", "json"}).out);
  ASSERT_EQ(top["guests"].size(), 1U);
  EXPECT_GT(top["guests"][0]["cpus"].get<double>(), 0);
  EXPECT_GT(top["guests"][0]["memoryBytes"].get<int>(), 0);
  EXPECT_EQ(top["guests"][0]["memoryLimitBytes"], 64 << 20);
  EXPECT_EQ(top["guests"][0]["processes"], 1);
}

TEST_F(ChangeContainers, AnInterfaceThatTheManifestHasNotAnyMoreIsNotMadeAgain) {
  VMTOOL_NEEDS("cell");
  ASSERT_EQ(define(document("web", "exec sleep 60")).exit_code, 0);
  // As an earlier start left it, when the manifest had one.
  const fs::path config = bundle_of("web") / "config.json";
  util::write_file_atomic(config, bundle::with_attachments(util::read_file(config, 1 << 20), {{"eth0", "vt-nosuch0"}}),
                          0600);
  const auto started = vmtool({"start", "web"});
  ASSERT_EQ(started.exit_code, 0) << started.err;
  EXPECT_EQ(show("web")["addresses"], nlohmann::json::array());
  EXPECT_THAT(util::read_file(config, 1 << 20), testing::Not(HasSubstr("vt-nosuch0")));
}

}  // namespace
}  // namespace vmtool::tests
