#include "ops/seed_renewal.hpp"

#include <gtest/gtest.h>

namespace vmtool::ops {
namespace {

const SeedIdentity fresh{
    "web2-1", "web2", {{"52:54:00:aa:bb:01", "52:54:00:00:00:02"}}, {{"192.168.1.5", "192.168.1.6"}}};

std::string renewed(const std::string& name, const std::string& content,
                    const std::string& meta = "instance-id: web-1\nlocal-hostname: web\n") {
  for (const storage::SeedFile& file : renew_seed({{"meta-data", meta}, {name, content}}, fresh)) {
    if (file.name == name) return file.content;
  }
  return "gone";
}

std::string renewed_meta(const std::string& content) {
  return renew_seed({{"meta-data", content}}, fresh).at(0).content;
}

TEST(RenewSeed, ReplacesInstanceIdAndHostNameOfMetaData) {
  EXPECT_EQ(renewed_meta("# by hand\ninstance-id: web-1 # old\nlocal-hostname: \"web\"\ndsmode: local\n"),
            "# by hand\ninstance-id: web2-1 # old\nlocal-hostname: \"web2\"\ndsmode: local\n");
  EXPECT_EQ(renewed_meta("{\"instance-id\": \"web-1\", \"local-hostname\":\"web\"}\n"),
            "{\"instance-id\": \"web2-1\", \"local-hostname\":\"web2\"}\n");
}

TEST(RenewSeed, AddsWhatMetaDataLacks) {
  EXPECT_EQ(renewed_meta(""), "instance-id: web2-1\nlocal-hostname: web2\n");
  EXPECT_EQ(renewed_meta("dsmode: local"), "dsmode: local\ninstance-id: web2-1\nlocal-hostname: web2\n");
  EXPECT_EQ(renewed_meta("{\"a\": 1}"), "{\"local-hostname\": \"web2\", \"instance-id\": \"web2-1\", \"a\": 1}");
  EXPECT_EQ(renew_seed({{"user-data", "x"}}, fresh).size(), 2u) << "a seed without meta-data is none";
}

TEST(RenewSeed, ReplacesTheOldNameInUserDataAndNothingElse) {
  EXPECT_EQ(renewed("user-data", "#cloud-config\nhostname: web\nfqdn: web.example.org\nruncmd: [echo web]\n"),
            "#cloud-config\nhostname: web2\nfqdn: web2.example.org\nruncmd: [echo web]\n");
  EXPECT_EQ(renewed("user-data", "#cloud-config\nhostname: chosen\n"), "#cloud-config\nhostname: chosen\n");
  EXPECT_EQ(renewed("user-data", "#cloud-config\nprefer_fqdn_over_hostname: true\n"),
            "#cloud-config\nprefer_fqdn_over_hostname: true\n");
}

TEST(RenewSeed, ReplacesMacsAndAddressesInTheNetworksConfiguration) {
  EXPECT_EQ(
      renewed("network-config",
              "match: {macaddress: \"52:54:00:AA:BB:01\"}\naddresses: [192.168.1.5/24]\ngateway4: 192.168.1.54\n"),
      "match: {macaddress: \"52:54:00:00:00:02\"}\naddresses: [192.168.1.6/24]\ngateway4: 192.168.1.54\n");
}

TEST(SeedValue, IsFoundInYamlAndJson) {
  EXPECT_EQ(seed_value("a: 1\ninstance-id:   x y  \n", "instance-id"), "x y");
  EXPECT_EQ(seed_value("{\"instance-id\":\"x\"}", "instance-id"), "x");
  EXPECT_EQ(seed_value("my-instance-id: x\n", "instance-id"), "");
  EXPECT_EQ(seed_value("", "instance-id"), "");
}

}  // namespace
}  // namespace vmtool::ops
