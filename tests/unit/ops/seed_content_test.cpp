#include "ops/seed_content.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vmtool::ops {
namespace {

using testing::HasSubstr;

model::VirtualMachine machine() {
  model::VirtualMachine machine;
  machine.name = "db01";
  machine.cloud_init = model::CloudInit{};
  return machine;
}

std::string no_file(const std::string& path) { return "nobody reads " + path; }

TEST(SeedFiles, OfAnEmptyCloudInitNameTheMachine) {
  const auto files = seed_files(machine(), no_file);
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].name, "meta-data");
  EXPECT_THAT(files[0].content, testing::MatchesRegex("instance-id: db01-[0-9a-f]+\nlocal-hostname: db01\n"));
  EXPECT_EQ(files[1].content, "#cloud-config\n{}\n");
}

TEST(SeedFiles, HoldKeysNamesAndConfigurations) {
  model::VirtualMachine wanted = machine();
  wanted.cloud_init = model::CloudInit{"db.example.org",
                                       {{"/k.pub", ""}, {"", "ssh-ed25519 AAAA \"me\""}},
                                       "#!/bin/sh\ntrue\n",
                                       model::NetworkConfig{"/net", ""}};
  EXPECT_THAT(seed_sources(*wanted.cloud_init), testing::ElementsAre("/k.pub", "/net"));
  const auto files = seed_files(
      wanted, [](const std::string& path) { return path == "/net" ? "version: 2\n" : "ssh-rsa AAAA a\n# not this\n"; });
  ASSERT_EQ(files.size(), 3u);
  EXPECT_THAT(files[0].content, HasSubstr("local-hostname: db.example.org\npublic-keys:\n  - \"ssh-rsa AAAA a\"\n  - "
                                          "\"ssh-ed25519 AAAA \\\"me\\\"\"\n"));
  EXPECT_EQ(files[1].content, "#!/bin/sh\ntrue\n");
  EXPECT_EQ(files[2].content, "version: 2\n");
}

TEST(SeedDigest, ChangesWithEveryPartOfTheContent) {
  const std::string before = seed_digest(seed_files(machine(), no_file));
  EXPECT_EQ(seed_digest(seed_files(machine(), no_file)), before);
  model::VirtualMachine changed = machine();
  changed.cloud_init->user_data = "#!/bin/sh\n";
  EXPECT_NE(seed_digest(seed_files(changed, no_file)), before);
  EXPECT_NE(seed_digest({{"ab", "c"}}), seed_digest({{"a", "bc"}}));
  EXPECT_EQ(seed_volume_name("db01", before), "db01-seed-" + before.substr(0, 8) + ".iso");
}

}  // namespace
}  // namespace vmtool::ops
