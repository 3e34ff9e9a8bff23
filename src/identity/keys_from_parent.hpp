#pragma once
// Key sources of a process that can't run ssh-keygen itself.

#include "identity/channel.hpp"
#include "identity/host_keys.hpp"

namespace vmtool::identity {

/// Asks at the other end of the channel by {"keys", "comment"}, and waits.
class KeysFromParent final : public KeySource {
 public:
  explicit KeysFromParent(const Channel& channel) : channel_(channel) {}
  /// Throws what the other end answers, and Error{internal} where it does not.
  std::vector<HostKey> make(const std::vector<KeySpec>& specs, const std::string& comment) override;

 private:
  const Channel& channel_;
};

/// For looking only: nothing is made.
class NoKeys final : public KeySource {
 public:
  std::vector<HostKey> make(const std::vector<KeySpec>& specs, const std::string& comment) override;
};

}  // namespace vmtool::identity
