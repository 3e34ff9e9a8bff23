#include "images/import.hpp"

#include <gmock/gmock.h>

#include <fmt/format.h>

#include "images/build_container.hpp"
#include "images/documents.hpp"
#include "tests/integration/images/store_scene.hpp"
#include "util/command.hpp"

namespace vmtool::images {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using tests::TarText;

namespace fs = std::filesystem;

std::string digest_of(const std::string& text) { return "sha256:" + util::sha256_hex(text); }

// An OCI layout of one image, which a test then damages.
struct LayoutParts {
  std::string archive = TarText().file("etc/name", "content").text();
  std::string packed = tests::compressed("gzip", archive);
  ConfigDocument document = plain_document();
  std::string config{};
  std::string manifest{};

  void make() {
    if (document.diff_ids.empty()) document.diff_ids = {digest_of(archive)};
    config = write_config(document);
    manifest = write_manifest({{config_type, digest_of(config), config.size(), "", "", ""},
                               {{std::string(layer_type) + "+gzip", digest_of(packed), packed.size(), "", "", ""}}});
  }
};

class ImportTest : public StoreScene {
 protected:
  fs::path layout(LayoutParts parts, const std::string& architecture = "", const std::string& name = "web") {
    parts.make();
    write("layout/oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    for (const std::string& blob : {parts.packed, parts.config, parts.manifest})
      write("layout/blobs/sha256/" + util::sha256_hex(blob), blob);
    write("layout/index.json", write_index({{manifest_type, digest_of(parts.manifest), parts.manifest.size(),
                                             architecture, architecture.empty() ? "" : "linux", name}}));
    return path("layout");
  }
  fs::path packed(const fs::path& directory) const {
    util::run_checked({.args = {"tar", "-C", directory.native(), "-cf", path("packed.tar").native(), "."}});
    return path("packed.tar");
  }
  void expect_nothing_kept() const {
    EXPECT_THAT(store.list(), IsEmpty());
    EXPECT_EQ(layers(), 0U);
    EXPECT_EQ(unfinished(), 0U);
  }
};

TEST_F(ImportTest, TakesALayoutAsItIs) {
  VMTOOL_NEEDS("mount");
  LayoutParts parts;
  parts.document.config.user = "1000";
  parts.make();
  const StoredImage image = import(layout(parts));
  EXPECT_EQ(image.name, "web");
  EXPECT_EQ(image.digest, digest_of(parts.manifest)) << "the digest that its publisher knows it by";
  EXPECT_EQ(image.config.user, "1000");
  EXPECT_EQ(util::read_file(image.layers.at(0) / "etc/name", 100), "content");
  EXPECT_EQ(import(packed(path("layout")), "again").digest, image.digest);
  EXPECT_EQ(unfinished(), 0U);
}

TEST_F(ImportTest, RefusesAWrongDigestBeforeUse) {
  VMTOOL_NEEDS("mount");
  LayoutParts parts;
  const fs::path source = layout(parts);
  write("layout/blobs/sha256/" + util::sha256_hex(parts.packed),
        tests::compressed("gzip", TarText().file("evil").text()));
  EXPECT_THAT(error_of([&] { import(source); }),
              HasSubstr("invalid_input: a blob of the image has the digest sha256:"));
  expect_nothing_kept();
  EXPECT_EQ(blobs(), 0U);
  layout(parts);
  write("layout/index.json", write_index({{manifest_type, digest_of("x"), 1, "", "", "web"}}));
  write("layout/blobs/sha256/" + util::sha256_hex("x"), "y");
  EXPECT_THAT(error_of([&] { import(source); }), HasSubstr("another digest"));
}

TEST_F(ImportTest, RefusesSwappedDiffIds) {
  VMTOOL_NEEDS("mount");
  LayoutParts parts;
  parts.document.diff_ids = {digest_of("another")};
  const fs::path source = layout(parts);
  EXPECT_THAT(error_of([&] { import(source); }), HasSubstr("instead of " + digest_of("another")));
  expect_nothing_kept();
  parts.document.diff_ids = {digest_of("one"), digest_of("two")};
  layout(parts);
  EXPECT_THAT(error_of([&] { import(source); }), HasSubstr("speaks of 2 layers"));
  expect_nothing_kept();
}

TEST_F(ImportTest, RefusesOtherArchitectures) {
  LayoutParts parts;
  EXPECT_EQ(error_of([&] { import(layout(parts, "s390x")); }),
            fmt::format("invalid_input: the image is for linux/s390x, and this host is linux/{}", host_architecture()));
  parts.document.architecture = "arm64v9";
  EXPECT_EQ(
      error_of([&] { import(layout(parts)); }),
      fmt::format("invalid_input: the image is for linux/arm64v9, and this host is linux/{}", host_architecture()));
  expect_nothing_kept();
}

TEST_F(ImportTest, ChoosesAmongSeveral) {
  VMTOOL_NEEDS("mount");
  LayoutParts parts;
  const fs::path source = layout(parts);
  parts.make();
  const Descriptor one{manifest_type, digest_of(parts.manifest), parts.manifest.size(), "", "", "one"};
  Descriptor two = one;
  two.name = "two";
  write("layout/index.json", write_index({one, two}));
  EXPECT_THAT(error_of([&] { import(source); }), HasSubstr("conflict: there are several images"));
  EXPECT_THAT(error_of([&] { import(source, "", "three"); }), HasSubstr("not_found: there is no image 'three'"));
  EXPECT_EQ(import(source, "", "two").name, "two");
}

TEST_F(ImportTest, TakesADockerArchive) {
  VMTOOL_NEEDS("mount");
  const std::string archive = TarText().file("a", "x").text();
  ConfigDocument document = plain_document();
  document.diff_ids = {digest_of(archive), digest_of(archive)};
  const std::string first(64, '1');
  const std::string second(64, '2');
  TarText docker;
  docker.add('0', first + "/layer.tar", archive, {})
      .symlink(second + "/layer.tar", "../" + first + "/layer.tar")
      .file("c.json", write_config(document));
  docker.file(
      "manifest.json",
      fmt::format(R"([{{"Config":"c.json","RepoTags":["team/app:3"],"Layers":["{}/layer.tar","{}/layer.tar"]}}])",
                  first, second));
  const StoredImage image = import(write("docker.tar", docker.text()));
  EXPECT_EQ(image.name, "team/app:3");
  EXPECT_EQ(image.layers.size(), 2U);
  EXPECT_EQ(layers(), 1U);
}

TEST_F(ImportTest, DoesNotReadOutsideOfADockerArchive) {
  VMTOOL_NEEDS("mount");
  const auto secret = write("secret", TarText().file("a", "secret").text());
  ConfigDocument document = plain_document();
  document.diff_ids = {digest_of(TarText().file("a", "secret").text())};
  for (const std::string& target : {secret.native(), std::string("../../../../../../") + secret.native()}) {
    TarText docker;
    docker.symlink("layer.tar", target)
        .file("c.json", write_config(document))
        .file("manifest.json", R"([{"Config":"c.json","RepoTags":null,"Layers":["layer.tar"]}])");
    EXPECT_THAT(error_of([&] { import(write("docker.tar", docker.text())); }), HasSubstr("not_found"));
  }
  expect_nothing_kept();
}

TEST_F(ImportTest, TakesTheFilesOfASystem) {
  VMTOOL_NEEDS("mount");
  const std::string archive = TarText().directory("etc").file("etc/a", "x").symlink("bin", "usr/bin").text();
  const StoredImage image = import(write("my-root.tar.zst", tests::compressed("zstd", archive)));
  EXPECT_EQ(image.name, "my-root");
  EXPECT_THAT(image.config.cmd, ElementsAre("/bin/sh"));
  EXPECT_EQ(util::read_file(image.layers.at(0) / "etc/a", 10), "x");
  write("tree/etc/b", "y");
  const StoredImage tree = import(path("tree"), "from-tree");
  EXPECT_EQ(util::read_file(tree.layers.at(0) / "etc/b", 10), "y");
  EXPECT_EQ(import(path("tree"), "from-tree-again").digest, tree.digest) << "the same files make the same image";
}

TEST_F(ImportTest, RefusesHostileArchives) {
  VMTOOL_NEEDS("mount");
  EXPECT_THAT(error_of([&] { import(write("evil.tar", TarText().file("etc/x").file("../../../evil", "x").text())); }),
              HasSubstr("invalid_input: the entry '../../../evil' leads out"));
  EXPECT_THAT(error_of([&] { import(write("text", "no archive")); }),
              HasSubstr("invalid_input: this is no tar archive"));
  EXPECT_THAT(error_of([&] { import(path("missing")); }), HasSubstr("not_found: looking at"));
  EXPECT_THAT(error_of([&] { import(write("r.tar", TarText().file("a").text()), "a b"); }),
              HasSubstr("no name of an image"));
  expect_nothing_kept();
}

TEST_F(ImportTest, BuildsABusyboxThatIsAlwaysTheSame) {
  VMTOOL_NEEDS("mount");
  util::Reporter quiet;
  const StoredImage image = build_busybox(store, "busybox", quiet);
  EXPECT_EQ(fs::read_symlink(image.layers.at(0) / "bin/ls"), "/bin/busybox");
  EXPECT_EQ(fs::status(image.layers.at(0) / "tmp").permissions(), static_cast<fs::perms>(01777));
  EXPECT_EQ(build_busybox(store, "again", quiet).digest, image.digest);
  EXPECT_EQ(unfinished(), 0U);
}

}  // namespace
}  // namespace vmtool::images
