#include "tests/integration/containers/scene.hpp"

namespace vmtool::tests {
namespace {

using DefineContainers = Containers;

TEST_F(DefineContainers, ASecondTimeNothingChanges) {
  VMTOOL_NEEDS("cell");
  const auto first = define(document("web", "sleep 60"));
  EXPECT_EQ(first.out, "created   Container web\n") << first.err;
  EXPECT_TRUE(fs::exists(bundle_of("web") / "config.json"));
  EXPECT_EQ(define(document("web", "sleep 60")).out, "unchanged Container web\n");
  EXPECT_EQ(vmtool({"list", "-o", "name"}).out, "web\n");
}

TEST_F(DefineContainers, WithoutLibvirtTheListHasContainersAndOneWarning) {
  VMTOOL_NEEDS("cell");
  define(document("web", "sleep 60"));
  const auto list = vmtool({"list"});
  EXPECT_EQ(list.exit_code, 0);
  EXPECT_THAT(list.out, HasSubstr("web   container  created"));
  EXPECT_EQ(list.err.find("warning"), list.err.rfind("warning"));
  EXPECT_THAT(list.err, HasSubstr("the machines are not listed"));
}

TEST_F(DefineContainers, AChangeSaysWhenItTakesEffect) {
  VMTOOL_NEEDS("cell");
  start("web", "sleep 60", "resources: {memory: {limit: 50MiB}, pids: {limit: 10}}");
  const auto changed = define(document("web", "sleep 61", "resources: {memory: {limit: 60MiB}}"));
  EXPECT_EQ(changed.exit_code, 0) << changed.err;
  EXPECT_THAT(changed.out, HasSubstr("resources.memory.limit: 50MiB → 60MiB (live)"));
  EXPECT_THAT(changed.out, HasSubstr("process.args[2]: sleep 60 → sleep 61 (at the next start)"));
  EXPECT_EQ(util::read_file("/sys/fs/cgroup/memory/vmtool/web/memory.limit_in_bytes", 100),
            std::to_string(60 << 20) + "\n");
  EXPECT_EQ(util::read_file("/sys/fs/cgroup/pids/vmtool/web/pids.max", 100), "max\n");
}

TEST_F(DefineContainers, WhatWasWrittenOnIsNotReplaced) {
  VMTOOL_NEEDS("cell");
  define(document("web", "sleep 60"));
  const std::string other = place.path() / "other";
  fs::create_directory(other);
  const auto refused =
      define(fmt::format("kind: Container\nname: web\nrootfs: {{layers: [{}]}}\nprocess: {{args: [sh]}}\n", other));
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_THAT(refused.err, HasSubstr("'rootfs.layers[0]' of container 'web' can't change"));
  EXPECT_EQ(define(document("web", "sleep 60")).out, "unchanged Container web\n");
}

struct Bad {
  const char* rest;
  int code;
  const char* message;
};

TEST_F(DefineContainers, BadInputIsOneErrorAndLeavesNothing) {
  VMTOOL_NEEDS("cell");
  for (const Bad& bad :
       {Bad{"mounts: [{source: /nonexistent/a, destination: /a}]", 4,
            "container 'bad' mounts '/nonexistent/a' at '/a'"},
        Bad{"seccomp: /nonexistent/p.json", 4, "reading the seccomp profile of container 'bad'"},
        Bad{"seccomp: /etc/passwd", 3, "'/etc/passwd' is no seccomp profile"},
        Bad{"resources: {blockIO: [{device: /dev/null, readIops: 5}]}", 3, "'/dev/null' is no block device"},
        Bad{"resources: {memory: {limit: 1KiB}}", 3, "-:13:29: error: 1KiB is too little for any process"},
        Bad{"labels: {a: b}\nlables: {}", 3, "unknown key 'lables'"}}) {
    const auto result = define(document("good", "true") + "---\n" + document("bad", "true", bad.rest));
    EXPECT_EQ(result.exit_code, bad.code) << bad.rest << result.err;
    EXPECT_THAT(result.err, HasSubstr(bad.message));
    EXPECT_THAT(names(), IsEmpty());
  }
  const auto layer = define("kind: Container\nname: bad\nrootfs: {layers: [/nonexistent/l]}\nprocess: {args: [sh]}\n");
  EXPECT_EQ(layer.exit_code, 4);
  EXPECT_THAT(layer.err, HasSubstr("container 'bad' stands on the layer '/nonexistent/l'"));
  EXPECT_THAT(leftovers(), IsEmpty());
}

TEST_F(DefineContainers, AProtectedContainerIsNotDeleted) {
  VMTOOL_NEEDS("cell");
  define(document("web", "true", "protected: true"));
  const auto refused = vmtool({"delete", "--yes", "--force", "web"});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_THAT(refused.err, HasSubstr("container 'web' is protected"));
  EXPECT_THAT(define(document("web", "true")).out, HasSubstr("protected: true → false (live)"));
  EXPECT_EQ(vmtool({"delete", "--yes", "web"}).exit_code, 0);
  EXPECT_EQ(vmtool({"delete", "--yes", "web"}).exit_code, 6) << "libvirt might know a machine of that name";
  EXPECT_THAT(leftovers(), IsEmpty());
}

}  // namespace
}  // namespace vmtool::tests
