#pragma once
// What a machine with cloud-init is told at its first boot (cloud-init's NoCloud data source).

#include <optional>
#include <string>
#include <vector>

namespace vmtool::model {

/// A public key, in a file of this host or written out. Exactly one of the two.
struct SshKey {
  std::string file;
  std::string key;  ///< "ssh-ed25519 AAAA… me@here"
  friend bool operator==(const SshKey&, const SshKey&) = default;
};

/// Version 1 or 2 of cloud-init's network configuration, in a file of this host or written out. Exactly one of the two.
struct NetworkConfig {
  std::string file;
  std::string text;
  friend bool operator==(const NetworkConfig&, const NetworkConfig&) = default;
};

struct CloudInit {
  std::string hostname;                         ///< empty: the machine's name
  std::vector<SshKey> ssh_authorized_keys;      ///< for the image's default user
  std::string user_data;                        ///< "#cloud-config …", or a script; may be empty
  std::optional<NetworkConfig> network_config;  ///< absent: DHCP on every interface, cloud-init's own default
  friend bool operator==(const CloudInit&, const CloudInit&) = default;
};

/// The volume with the seed that a machine has; not a manifest key. Its content can't be read back, so the digest stands for it.
struct Seed {
  std::string path;
  std::string digest;  ///< sha256 of the files, 64 hexadecimal digits
  friend bool operator==(const Seed&, const Seed&) = default;
};

}  // namespace vmtool::model
