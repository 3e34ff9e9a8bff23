// Images from a registry, which a few lines of Python play.
#include "images/pull.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include <fmt/format.h>

#include "images/documents.hpp"
#include "tests/integration/images/store_scene.hpp"
#include "tests/support/vmtool_program.hpp"
#include "util/command.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using tests::TarText;

std::string sha256(const std::string& text) { return "sha256:" + util::sha256_hex(text); }

class PullTest : public StoreScene {
 protected:
  PullTest() {
    for (const char* content : {"one", "two"})
      packed_.push_back(tests::compressed("gzip", TarText().file(content, content).text()));
    ConfigDocument document = plain_document();
    for (const char* content : {"one", "two"})
      document.diff_ids.push_back(sha256(TarText().file(content, content).text()));
    const std::string config = write_config(document);
    Manifest manifest{{config_type, sha256(config), config.size(), "", "", ""}, {}};
    for (const std::string& layer : packed_)
      manifest.layers.push_back({std::string(layer_type) + "+gzip", sha256(layer), layer.size(), "", "", ""});
    manifest_ = write_manifest(manifest);
    for (const std::string& blob : {packed_[0], packed_[1], config, manifest_})
      write("layout/blobs/sha256/" + util::sha256_hex(blob), blob);
    write("layout/index.json", write_index({{manifest_type, sha256(manifest_), manifest_.size(), "", "", ""}}));
  }

  void serve(const std::string& failing = "") {
    const auto port_file = write("port", "");
    const util::Fd out = util::open_file(port_file, O_WRONLY);
    util::Command command{.args = {"python3", (tests::source_dir() / "tests/integration/images/registry.py").native(),
                                   path("layout").native(), write("log", "").native()}};
    if (!failing.empty()) command.args.push_back(failing);
    registry_ = util::spawn(command, {-1, out.get(), -1});
    while (util::read_file(port_file, 100).find('\n') == std::string::npos) ASSERT_FALSE(registry_.poll());
    host_ = fmt::format("127.0.0.1:{}", util::trim(util::read_file(port_file, 100)));
  }
  StoredImage pull(const std::string& reference, const std::string& name = "") {
    return pull_image(store, {fmt::format("{}/{}", host_, reference), name, Transport::plain}, quiet_);
  }
  /// How often a blob was asked for.
  std::size_t fetched(const std::string& blob) const {
    const auto lines = util::split(util::read_file(path("log"), 1 << 16), '\n');
    return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), sha256(blob)));
  }

  std::vector<std::string> packed_;
  std::string manifest_;

 private:
  util::Child registry_;
  std::string host_;
  util::Reporter quiet_;
};

TEST_F(PullTest, KeepsTheRegistrysDigestAndFetchesNothingTwice) {
  VMTOOL_NEEDS("skopeo");
  serve();
  const StoredImage image = pull("team/web:1");
  EXPECT_THAT(image.name, testing::EndsWith("/team/web:1"));
  EXPECT_EQ(image.digest, sha256(manifest_));
  EXPECT_EQ(util::read_file(image.layers.at(0) / "two", 10), "two");
  EXPECT_EQ(pull("team/web@" + sha256(manifest_), "again").digest, image.digest);
  EXPECT_EQ(fetched(packed_[0]), 1U);
  EXPECT_EQ(count(store.directory() / "pulls"), 0U);
  EXPECT_EQ(unfinished(), 0U);
}

TEST_F(PullTest, GoesOnAfterABrokenOne) {
  VMTOOL_NEEDS("skopeo");
  serve(sha256(packed_[1]));
  EXPECT_THAT(error_of([&] { pull("team/web:1", "web"); }), HasSubstr("io: skopeo: "));
  EXPECT_THAT(store.list(), IsEmpty());
  EXPECT_EQ(layers(), 0U);
  EXPECT_GT(fetched(packed_[0]), 0U);
  serve();
  EXPECT_EQ(pull("team/web:1", "web").digest, sha256(manifest_));
  EXPECT_THAT(verify("web"), IsEmpty());
}

TEST_F(PullTest, RefusesWhatIsNotWhatItsDigestSays) {
  VMTOOL_NEEDS("skopeo");
  write("layout/blobs/sha256/" + util::sha256_hex(packed_[0]),
        tests::compressed("gzip", TarText().file("evil", "evil").text()));
  serve();
  EXPECT_THAT(error_of([&] { pull("team/web:1", "web"); }), HasSubstr("io: skopeo: "));
  EXPECT_THAT(store.list(), IsEmpty());
  EXPECT_EQ(blobs(), 0U);
}

TEST_F(PullTest, RefusesOtherArchitecturesBeforeItFetches) {
  VMTOOL_NEEDS("skopeo");
  const std::string index = write_index({{manifest_type, sha256(manifest_), manifest_.size(), "s390x", "linux", ""}});
  std::string typed = index;
  typed.insert(typed.find('{') + 1, R"("mediaType":"application/vnd.oci.image.index.v1+json",)");
  write("layout/blobs/sha256/" + util::sha256_hex(typed), typed);
  write("layout/index.json",
        write_index({{"application/vnd.oci.image.index.v1+json", sha256(typed), typed.size(), "", "", ""}}));
  serve();
  EXPECT_THAT(error_of([&] { pull("team/web:1"); }), HasSubstr("invalid_input: the image is for linux/s390x"));
  EXPECT_EQ(util::read_file(path("log"), 1 << 16), "");
}

TEST_F(PullTest, RefusesReferencesThatAreNone) {
  for (const char* reference : {"", "/web", "web@sha256:12", "web --help", "../web"}) {
    EXPECT_THAT(error_of([&] {
                  pull_image(store, {reference, "", Transport::verified}, *std::make_unique<util::Reporter>());
                }),
                HasSubstr("invalid_input"))
        << reference;
  }
}

}  // namespace
}  // namespace vmtool::images
