#include "manifest/redact.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vmtool::manifest {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(WithoutSecrets, ReplacesBlocksByTheirDigest) {
  const std::string text =
      "name: web\ncloudInit:\n  hostname: web\n  userData: |\n    #cloud-config\n\n    password: hidden\n  "
      "networkConfig:\n    text: wlan-key\nmemory: {size: 1GiB}\n";
  const std::string kept = without_secrets(text);
  EXPECT_THAT(kept, Not(HasSubstr("hidden")));
  EXPECT_THAT(kept, Not(HasSubstr("wlan-key")));
  EXPECT_THAT(kept, testing::MatchesRegex("name: web\ncloudInit:\n  hostname: web\n  userData: sha256:[0-9a-f]+\n  "
                                          "networkConfig: sha256:[0-9a-f]+\nmemory: .size: 1GiB.\n"));
}

TEST(WithoutSecrets, LeavesOtherTextToTheByte) {
  const std::string text = "name: web\n\nlabels: {a: b}\n# a comment";
  EXPECT_EQ(without_secrets(text), text);
}

TEST(WithoutSecrets, KeepsNothingWhereTheEndIsHardToTell) {
  for (const char* text : {"cloudInit: {userData: hidden}\n", "cloudInit:\n  userData: \"#cloud-config\n  hidden\"\n",
                           "cloudInit:\n  userData: &a hidden\n", "x: &a hidden\ncloudInit: {userData: *a}\n",
                           "cloudInit:\n  ? userData\n  : hidden\n", "cloudInit:\n  \"userData\": hidden\n"}) {
    EXPECT_THAT(without_secrets(text), Not(HasSubstr("hidden"))) << text;
  }
}

}  // namespace
}  // namespace vmtool::manifest
