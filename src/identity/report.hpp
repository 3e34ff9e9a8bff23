#pragma once
// What became of each item of an identity: data, for a table or for JSON.

#include <string>
#include <vector>

namespace vmtool::identity {

enum class Status {
  renewed,       ///< has the new value
  removed,       ///< is gone, and is made anew by the guest itself
  kept,          ///< stays, because the user wants it or because it follows another item
  absent,        ///< there is no such thing in this guest
  not_possible,  ///< see the reason
};

/// "renewed", "removed", "kept", "absent", "not possible".
const char* to_text(Status status) noexcept;

/// One line of the report.
struct Outcome {
  std::string item;  ///< "machine-id", "ssh-host-keys" …
  std::string path;  ///< in the guest; empty where the item is absent
  Status status = Status::absent;
  std::string old_value;  ///< never a secret: a fingerprint for a key, empty for a seed
  std::string new_value;
  std::string reason;  ///< why it is kept or not possible
};

struct Report {
  std::vector<Outcome> outcomes;
  std::vector<std::string> warnings;
  std::vector<std::string>
      not_handled;  ///< identities that were seen and are not renewed: "Kerberos keytab (/etc/krb5.keytab)"
  std::vector<std::string> host_public_keys;  ///< "ssh-ed25519 AAAA…", for known_hosts
  std::string machine_id;                     ///< the new one; empty where it is kept, emptied or uninitialized
};

}  // namespace vmtool::identity
