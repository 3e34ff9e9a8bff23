#include "images/documents.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "images/reference.hpp"
#include "util/error.hpp"

namespace vmtool::images {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string digest = "sha256:" + std::string(64, 'a');

std::string manifest_with(const std::string& layers) {
  return fmt::format(R"({{"schemaVersion":2,"config":{{"mediaType":"{}","digest":"{}","size":3}},"layers":[{}]}})",
                     config_type, digest, layers);
}

std::string layer(const std::string& type) {
  return fmt::format(R"({{"mediaType":"{}","digest":"{}","size":7}})", type, digest);
}

template <class F>
std::string message_of(F f) {
  try {
    f();
  } catch (const util::Error& error) {
    return error.message();
  }
  return "none";
}

TEST(Documents, OfAnImageAreReadBack) {
  ConfigDocument config{"amd64",
                        "linux",
                        "2026-01-02T03:04:05Z",
                        {{"/init"}, {"a", "b"}, {"A=1"}, "/srv", "1000:1000", "SIGINT"},
                        {digest}};
  const ConfigDocument again = parse_config(write_config(config));
  EXPECT_EQ(again.config.entrypoint, config.config.entrypoint);
  EXPECT_EQ(again.config.user, "1000:1000");
  EXPECT_EQ(again.config.stop_signal, "SIGINT");
  EXPECT_THAT(again.diff_ids, ElementsAre(digest));
  const Manifest manifest =
      parse_manifest(write_manifest({{config_type, digest, 3, "", "", ""}, {{layer_type, digest, 7, "", "", ""}}}));
  EXPECT_EQ(manifest.layers.at(0).size, 7U);
  EXPECT_EQ(parse_index(write_index({{manifest_type, digest, 9, "arm64", "linux", "web"}})).at(0).architecture,
            "arm64");
}

TEST(Documents, TakeNullForNothing) {
  const ConfigDocument config = parse_config(
      R"({"architecture":"amd64","os":"linux","config":{"Cmd":null,"Env":["A=1"]},"rootfs":{"type":"layers","diff_ids":null}})");
  EXPECT_THAT(config.config.cmd, testing::IsEmpty());
  EXPECT_THAT(config.config.env, ElementsAre("A=1"));
}

TEST(Documents, KnowTheKindsOfLayers) {
  for (const char* type :
       {"application/vnd.oci.image.layer.v1.tar", "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.oci.image.layer.v1.tar+zstd", "application/vnd.docker.image.rootfs.diff.tar.gzip"}) {
    EXPECT_EQ(parse_manifest(manifest_with(layer(type))).layers.size(), 1U) << type;
  }
  EXPECT_THAT(message_of([] { parse_manifest(manifest_with(layer("application/vnd.wasm.content.layer.v1+wasm"))); }),
              HasSubstr("can't be unpacked"));
}

TEST(Documents, RefuseWhatIsDamaged) {
  for (const std::string& text :
       {std::string("{"), std::string("[]"), std::string("{}"), std::string(200'000, '['),
        manifest_with(R"({"digest":"md5:0","size":1})"), manifest_with(R"({"digest":7})"),
        manifest_with(fmt::format(R"({{"mediaType":"{}","digest":"{}","size":-1}})", layer_type, digest))}) {
    EXPECT_THROW(parse_manifest(text), util::Error) << text.substr(0, 200);
  }
  EXPECT_THROW(parse_config(R"({"architecture":7,"rootfs":{"diff_ids":[]}})"), util::Error);
  EXPECT_THROW(parse_config(R"({"rootfs":{"diff_ids":["../../x"]}})"), util::Error);
  EXPECT_THROW(parse_config(R"({"config":{"Cmd":["a\u0000b"]},"rootfs":{"diff_ids":[]}})"), util::Error);
  EXPECT_THROW(parse_docker_manifest("{}"), util::Error);
}

TEST(Documents, RefuseTenThousandLayers) {
  std::string layers = layer(layer_type);
  for (int i = 1; i < 10'000; ++i) layers += "," + layer(layer_type);
  EXPECT_EQ(message_of([&] { parse_manifest(manifest_with(layers)); }),
            "the image is damaged: it has 10000 layers; 128 are allowed");
}

TEST(Reference, IsANameOrADigest) {
  EXPECT_EQ(normal_name("busybox:latest"), "busybox");
  EXPECT_EQ(normal_name("registry.example:5000/team/web:1.2"), "registry.example:5000/team/web:1.2");
  for (const char* name : {"", "/a", "a/", "a//b", "../a", "a/../b", "-a", "a b", "a\nb", "a@b", ".", "a/.b"})
    EXPECT_THROW(normal_name(name), util::Error) << name;
  EXPECT_THROW(normal_name(std::string(256, 'a')), util::Error);
  EXPECT_TRUE(is_digest(digest));
  EXPECT_FALSE(is_digest("sha256:" + std::string(64, 'A')));
  EXPECT_FALSE(is_digest("sha512:" + std::string(64, 'a')));
  EXPECT_THROW(hex_of_digest("sha256:../../etc/passwd"), util::Error);
}

}  // namespace
}  // namespace vmtool::images
