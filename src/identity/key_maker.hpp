#pragma once
// New SSH host keys by ssh-keygen.

#include "identity/host_keys.hpp"

namespace vmtool::identity {

/// Runs ssh-keygen in a private directory; types that this host's ssh-keygen can't make are left out. Throws
/// Error{unavailable} where there is no ssh-keygen, Error{invalid_input} for a spec or comment that no guest needs.
class KeyMaker final : public KeySource {
 public:
  std::vector<HostKey> make(const std::vector<KeySpec>& specs, const std::string& comment) override;
};

}  // namespace vmtool::identity
