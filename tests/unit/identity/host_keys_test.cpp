#include "identity/host_keys.hpp"

#include <gtest/gtest.h>

#include "identity/facts.hpp"

namespace vmtool::identity {
namespace {

// The blob of an Ed25519 key of 32 zero bytes; its fingerprint was printed by `ssh-keygen -lf`.
constexpr const char* zero_key =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA test\n";

TEST(HostKeys, FingerprintIsThatOfSshKeygen) {
  EXPECT_EQ(fingerprint(zero_key), "SHA256:kmYcvdi2GkPeWxB6XLjrZB8JHsy2Hm8luHMFp9GMvqk");
  EXPECT_EQ(fingerprint("not a key"), "");
  EXPECT_EQ(fingerprint(""), "");
}

TEST(HostKeys, SpecComesFromNameAndPublicHalf) {
  EXPECT_EQ(key_spec("/etc/ssh/ssh_host_ed25519_key", ""), (KeySpec{"ed25519", 0}));
  EXPECT_EQ(key_spec("/etc/ssh/ssh_host_ecdsa_key", "ecdsa-sha2-nistp384 AAAA x"), (KeySpec{"ecdsa", 384}));
  EXPECT_EQ(key_spec("/etc/ssh/ssh_host_rsa_key", "garbage"), (KeySpec{"rsa", 3072}));
  EXPECT_EQ(key_spec("/etc/ssh/ssh_host_quantum_key", ""), std::nullopt);
  EXPECT_EQ(key_spec("/etc/ssh/ssh_host_key", ""), std::nullopt);
}

TEST(HostKeys, SpecsOfAGuestStandOnceEach) {
  Facts facts;
  for (const char* path : {"/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_rsa_key"}) {
    Fact fact;
    fact.path = fact.real_path = path;
    fact.kind = Kind::file;
    fact.has_content = true;
    facts.add(fact);
  }
  EXPECT_EQ(needed_host_keys(facts), (std::vector<KeySpec>{{"ed25519", 0}, {"rsa", 3072}}));
}

}  // namespace
}  // namespace vmtool::identity
