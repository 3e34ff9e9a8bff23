// The same items on a directory, whatever its links say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/xattr.h>

#include <algorithm>
#include <cstdlib>

#include "identity/directory_fs.hpp"
#include "identity/identity.hpp"
#include "tests/support/guest_image.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::tests {
namespace {

std::string content(const std::filesystem::path& path) { return util::read_file(path, 1 << 20); }

class Directory : public ::testing::Test {
 protected:
  Directory() {
    const char* build = std::getenv("VMTOOL_BUILD_DIR");
    if (build != nullptr) ::setenv("VMTOOL_LIBEXEC_DIR", (std::filesystem::path(build) / "src/identity").c_str(), 1);
    request_.target.directory = files_.path();
    request_.options.hostname = "web";
  }

  GuestFiles files_;
  identity::Request request_;
};

TEST_F(Directory, GetsEveryItem) {
  const identity::Report report = identity::renew(request_);
  EXPECT_EQ(content(files_.path_of("etc/machine-id")), report.machine_id + "\n");
  EXPECT_EQ(content(files_.path_of("var/lib/dbus/machine-id")), report.machine_id + "\n");
  EXPECT_EQ(content(files_.path_of("etc/hostname")), "web\n");
  EXPECT_EQ(content(files_.path_of("etc/ssh/ssh_host_ed25519_key.pub")), report.host_public_keys.at(0) + "\n");
  EXPECT_FALSE(std::filesystem::exists(files_.path_of("var/lib/dhcp/dhclient.eth0.leases")));
  EXPECT_FALSE(std::filesystem::exists(files_.path_of("var/lib/cloud/instances/i-1")));
  EXPECT_EQ(std::filesystem::status(files_.path_of("etc/machine-id")).permissions(), std::filesystem::perms(0444));
}

TEST_F(Directory, MakesACopyOfTheIdALink) {
  request_.options.machine_id = "empty";
  identity::renew(request_);
  EXPECT_EQ(std::filesystem::read_symlink(files_.path_of("var/lib/dbus/machine-id")), "/etc/machine-id");
}

TEST_F(Directory, NeverTouchesWhatItsLinksNameOnTheHost) {
  const TempDir outside;
  const auto file = outside.write("id", std::string(old_machine_id) + "\n");
  const auto hosts = outside.write("hosts", "127.0.1.1 golden\n");
  files_.link("var/lib/dbus/machine-id", "../../../../../../../../../.." + file.native());
  files_.link("etc/hosts", hosts.native());
  files_.remove("var/lib/dhcp");
  outside.write("dhcp/dhclient.leases", "lease {}");
  files_.link("var/lib/dhcp", (outside.path() / "dhcp").native());
  identity::renew(request_);
  EXPECT_EQ(content(file), std::string(old_machine_id) + "\n");
  EXPECT_EQ(content(hosts), "127.0.1.1 golden\n");
  EXPECT_TRUE(std::filesystem::exists(outside.path() / "dhcp/dhclient.leases"));
}

TEST_F(Directory, IsOnlyLookedAtByShow) {
  const identity::Report report = identity::show({.directory = files_.path()}, {});
  EXPECT_EQ(report.outcomes.at(0).old_value, old_machine_id);
  EXPECT_EQ(content(files_.path_of("etc/machine-id")), std::string(old_machine_id) + "\n");
}

std::vector<std::string> all_paths(const std::filesystem::path& directory) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

TEST_F(Directory, KeepsAttributesAndLeavesNothingBehind) {
  const auto id = files_.path_of("etc/machine-id");
  const bool has_attributes = ::setxattr(id.c_str(), "user.note", "kept", 4, 0) == 0;
  identity::renew(request_);
  for (const std::string& path : all_paths(files_.path()))
    EXPECT_EQ(path.find(".vmtool-new-"), std::string::npos) << path;
  if (!has_attributes) return;
  std::string value(16, '\0');
  EXPECT_EQ(::getxattr(id.c_str(), "user.note", value.data(), value.size()), 4);
}

TEST_F(Directory, WhatFailsInTheMiddleLeavesEverythingAsItWas) {
  identity::DirectoryFs directory(util::open_dir(files_.path()));
  const auto etc = directory.lookup(directory.root(), "etc").value();
  const auto before = all_paths(files_.path());
  {
    identity::DirectoryFs staged(util::open_dir(files_.path()));
    const auto there = staged.lookup(staged.root(), "etc").value();
    staged.overwrite(staged.lookup(there, "machine-id").value(), "new\n");
    staged.make_file(there, "new-file", "x", {});
    staged.remove(there, "hostname");
    staged.make_symlink(there, "hostname", "elsewhere");
    EXPECT_EQ(staged.read(staged.lookup(there, "machine-id").value(), 100), "new\n");
    EXPECT_EQ(staged.read(staged.lookup(there, "hostname").value(), 100), "elsewhere");
    EXPECT_EQ(directory.read(directory.lookup(etc, "machine-id").value(), 100), std::string(old_machine_id) + "\n");
    EXPECT_THROW(staged.remove(staged.root(), "etc"), util::Error);
    // Its end comes before finish(), as that of a run that meets an error.
  }
  EXPECT_EQ(all_paths(files_.path()), before);
  EXPECT_EQ(content(files_.path_of("etc/hostname")), "golden\n");
  EXPECT_EQ(content(files_.path_of("etc/machine-id")), std::string(old_machine_id) + "\n");
}

}  // namespace
}  // namespace vmtool::tests
