#include "manifest/tables.hpp"

namespace vmtool::manifest {

using namespace model;

template <>
const Table<SshKey>& table<SshKey>() {
  static const Table<SshKey> fields{
      field("file", &SshKey::file, "A public key's file on this host; the first line counts.", {.is_host_path = true}),
      field("key", &SshKey::key, "The public key itself."),
  };
  return fields;
}

template <>
const Table<NetworkConfig>& table<NetworkConfig>() {
  static const Table<NetworkConfig> fields{
      field("file", &NetworkConfig::file, "The file on this host that holds it.", {.is_host_path = true}),
      field("text", &NetworkConfig::text, "The configuration itself."),
  };
  return fields;
}

template <>
const Table<CloudInit>& table<CloudInit>() {
  static const Table<CloudInit> fields{
      field("hostname", &CloudInit::hostname, "The guest's host name; the machine's name without it."),
      field("sshAuthorizedKeys", &CloudInit::ssh_authorized_keys, "Who may log in as the image's default user."),
      field("userData", &CloudInit::user_data, "A #cloud-config document, or a script."),
      field("networkConfig", &CloudInit::network_config,
            "cloud-init's network configuration, version 1 or 2; DHCP without it."),
  };
  return fields;
}

}  // namespace vmtool::manifest
