#pragma once
// SSH host keys: what a guest has, and what has to be made for it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmtool::identity {

class Facts;

/// What `ssh-keygen -t TYPE -b BITS` makes.
struct KeySpec {
  std::string type;        ///< rsa | ecdsa | ed25519 | dsa
  std::uint32_t bits = 0;  ///< 0: the type has one size only
  friend bool operator==(const KeySpec&, const KeySpec&) = default;
};

/// A new pair, as the two files hold it.
struct HostKey {
  KeySpec spec;
  std::string private_key;
  std::string public_key;  ///< "ssh-ed25519 AAAA… comment\n"
};

/// Makes new pairs; in the helper program it asks the parent process, which runs ssh-keygen.
class KeySource {
 public:
  virtual ~KeySource() = default;
  /// Pairs for the specs that can be made on this host, in any order.
  virtual std::vector<HostKey> make(const std::vector<KeySpec>& specs, const std::string& comment) = 0;
};

/// The specs of the keys that the guest has, each once; sizes are taken from the public halves.
std::vector<KeySpec> needed_host_keys(const Facts& facts);

/// The spec of the pair at `private_path`: the type by the file's name, the size by its public half (if any).
std::optional<KeySpec> key_spec(std::string_view private_path, std::string_view public_key);

/// "SHA256:…" of a public key line, as ssh-keygen -l prints it; empty where it is no key.
std::string fingerprint(std::string_view public_key);

}  // namespace vmtool::identity
