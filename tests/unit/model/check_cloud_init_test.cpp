#include "tests/unit/model/check_support.hpp"

namespace vmtool::model {
namespace {

TEST(CheckCloudInit, FindsWhatCloudInitWouldIgnoreOrMisread) {
  const std::vector<Spoiled<CloudInit>> cases{
      {[](CloudInit&) {}, {}},
      {[](CloudInit& c) { c.user_data = "#!/bin/sh\n"; }, {}},
      {[](CloudInit& c) { c.user_data = "packages: [jq]\n"; },
       {"cloudInit.userData: cloud-init would ignore it: its first line does not say what it is"}},
      {[](CloudInit& c) {
         c.ssh_authorized_keys = {{"/k.pub", ""}, {"", "ssh-ed25519 AAAAC3 me"}};
       },
       {}},
      {[](CloudInit& c) {
         c.ssh_authorized_keys = {{"", ""}};
       },
       {"cloudInit.sshAuthorizedKeys[0]: a key is given by 'file' or by 'key', one of the two"}},
      {[](CloudInit& c) {
         c.ssh_authorized_keys = {{"/k.pub", "ssh-ed25519 AAAA"}};
       },
       {"cloudInit.sshAuthorizedKeys[0]: a key is given by 'file' or by 'key', one of the two"}},
      {[](CloudInit& c) {
         c.ssh_authorized_keys = {{"", "-----BEGIN OPENSSH PRIVATE KEY-----"}};
       },
       {"cloudInit.sshAuthorizedKeys[0].key: this is no public key"}},
      {[](CloudInit& c) { c.network_config.emplace(); },
       {"cloudInit.networkConfig: it is given by 'file' or by 'text', one of the two"}},
      {[](CloudInit& c) {
         c.network_config = NetworkConfig{"", "version: 2\n"};
       },
       {}},
  };
  for (const auto& each : cases) {
    VirtualMachine machine = good_machine();
    machine.cloud_init = CloudInit{};
    each.spoil(*machine.cloud_init);
    EXPECT_EQ(shown(check(machine)), each.findings);
  }
}

TEST(CheckCloudInit, WantsAHostName) {
  VirtualMachine machine = good_machine();
  machine.cloud_init = CloudInit{};
  machine.cloud_init->hostname = "not a name";
  ASSERT_EQ(check(machine).size(), 1u);
  EXPECT_EQ(check(machine)[0].path, "cloudInit.hostname");
}

}  // namespace
}  // namespace vmtool::model
