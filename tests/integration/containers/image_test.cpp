// Containers on images of the store, and on archives.
#include "tests/integration/containers/scene.hpp"

namespace vmtool::tests {
namespace {

class ContainersOnImages : public Containers {
 protected:
  // An archive with the files of the busybox root, and what is said beside.
  fs::path archive() const {
    fs::create_directories(lower() / "etc");
    std::ofstream(lower() / "etc/passwd") << "root:x:0:0::/:/bin/sh\nweb:x:33:44::/:/bin/sh\n";
    const fs::path file = place.path() / "root.tar";
    util::run_checked({.args = {"tar", "-C", lower(), "-cf", file, "."}});
    return file;
  }
  static std::vector<std::string> images() {
    std::vector<std::string> out;
    const auto list = nlohmann::json::parse(vmtool({"image", "list", "-o", "json"}).out);
    for (const auto& image : list.at("images")) out.push_back(image.at("name"));
    return out;
  }
};

TEST_F(ContainersOnImages, AnImageRunsByItsNameAndStaysWhileItIsNeeded) {
  VMTOOL_NEEDS("cell");
  ASSERT_EQ(vmtool({"image", "build", "busybox"}).exit_code, 0);
  const auto ran = vmtool({"run", "--rm", "busybox", "sh", "-c", "touch /x && ls /x"});
  EXPECT_EQ(ran.out, "/x\n") << ran.err;
  EXPECT_THAT(leftovers(), IsEmpty());

  const auto defined =
      define("kind: Container\nname: web\nrootfs: {image: busybox}\nprocess: {args: [sleep, '60']}\nstopTimeout: 1s\n");
  ASSERT_EQ(defined.exit_code, 0) << defined.err;
  EXPECT_EQ(show("web")["image"], "busybox");
  const auto refused = vmtool({"image", "delete", "--yes", "busybox"});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_THAT(refused.err, HasSubstr("web"));
  // A clone stands on the same layers, and what was written is its own.
  EXPECT_EQ(vmtool({"clone", "web", "copy"}).exit_code, 0);
  EXPECT_EQ(show("copy")["layers"], show("web")["layers"]);
  EXPECT_EQ(vmtool({"start", "web", "copy"}).exit_code, 0);
  EXPECT_NE(vmtool({"exec", "web", "cat", "/etc/machine-id"}).out,
            vmtool({"exec", "copy", "cat", "/etc/machine-id"}).out);
  EXPECT_EQ(vmtool({"identity", "check", "--all"}).exit_code, 0);
  // One that is up is never seen as unused.
  EXPECT_EQ(vmtool({"image", "prune", "--yes"}).exit_code, 0);
  EXPECT_EQ(vmtool({"exec", "web", "ls", "/bin/busybox"}).out, "/bin/busybox\n");
  EXPECT_EQ(vmtool({"delete", "--yes", "--force", "web", "copy"}).exit_code, 0);
  EXPECT_EQ(vmtool({"image", "delete", "--yes", "busybox"}).exit_code, 0);
}

TEST_F(ContainersOnImages, AChangeOfOtherThingsKeepsTheLayersItHas) {
  VMTOOL_NEEDS("cell");
  ASSERT_EQ(vmtool({"image", "build", "busybox"}).exit_code, 0);
  const std::string document = "kind: Container\nname: web\nrootfs: {image: busybox}\nprocess: {args: [sleep, '60']}\n";
  ASSERT_EQ(define(document).exit_code, 0);
  const auto layers = show("web")["layers"];
  ASSERT_EQ(vmtool({"image", "import", "--name", "busybox", archive()}).exit_code, 0);
  ASSERT_EQ(define(document + "hostname: other\n").exit_code, 0);
  EXPECT_EQ(show("web")["layers"], layers);
}

TEST_F(ContainersOnImages, AnArchiveIsUnpackedOnceAndGoesWithTheLastThatStandsOnIt) {
  VMTOOL_NEEDS("cell");
  const auto defined = define(fmt::format(
      "kind: Container\nname: web\nrootfs: {{archive: {}}}\nprocess: {{args: [/bin/sh, -c, 'cat /etc/passwd']}}\n",
      archive().native()));
  ASSERT_EQ(defined.exit_code, 0) << defined.err;
  EXPECT_EQ(vmtool({"start", "web"}).exit_code, 0);
  EXPECT_EQ(vmtool({"wait", "web"}).out, "0\n");
  EXPECT_THAT(vmtool({"logs", "web"}).out, HasSubstr("web:x:33:44"));
  EXPECT_EQ(vmtool({"clone", "web", "copy"}).exit_code, 0);
  EXPECT_EQ(vmtool({"delete", "--yes", "web"}).exit_code, 0);
  EXPECT_THAT(images(), testing::ElementsAre(HasSubstr("archive/web")));
  EXPECT_EQ(vmtool({"start", "copy"}).exit_code, 0);
  EXPECT_EQ(vmtool({"wait", "copy"}).out, "0\n");
  EXPECT_EQ(vmtool({"delete", "--yes", "copy"}).exit_code, 0);
  EXPECT_THAT(images(), IsEmpty());
}

TEST_F(ContainersOnImages, WhatIsMissingIsOneErrorAndLeavesNothing) {
  const auto unknown = define("kind: Container\nname: web\nrootfs: {image: nosuch}\nprocess: {args: [/bin/sh]}\n");
  EXPECT_EQ(unknown.exit_code, 4) << unknown.err;
  EXPECT_THAT(unknown.err, HasSubstr("nosuch"));
  EXPECT_EQ(vmtool({"run", "--rm", "nosuch", "true"}).exit_code, 125);
  EXPECT_EQ(define("kind: Container\nname: web\nrootfs: {archive: /nonexistent/root.tar}\nprocess: {args: [/bin/sh]}\n")
                .exit_code,
            4);
  std::ofstream(place.path() / "broken.tar") << "no archive at all";
  const auto broken =
      define(fmt::format("kind: Container\nname: web\nrootfs: {{archive: {}}}\nprocess: {{args: [/bin/sh]}}\n",
                         (place.path() / "broken.tar").native()));
  EXPECT_EQ(broken.exit_code, 3) << broken.err;
  EXPECT_THAT(images(), IsEmpty());
  EXPECT_THAT(leftovers(), IsEmpty());
}

}  // namespace
}  // namespace vmtool::tests
