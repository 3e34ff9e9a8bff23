#include "identity/keys_from_parent.hpp"

namespace vmtool::identity {

std::vector<HostKey> KeysFromParent::make(const std::vector<KeySpec>& specs, const std::string& comment) {
  channel_.send({{"keys", to_json(specs)}, {"comment", comment}});
  const auto answer = channel_.receive(std::chrono::minutes(2));
  if (!answer) throw util::Error(util::Errc::internal, "no host keys were sent");
  if (answer->contains("error")) throw error_from(answer->at("error"));
  return host_keys_from(answer->at("keys"));
}

std::vector<HostKey> NoKeys::make(const std::vector<KeySpec>& specs, const std::string&) {
  std::vector<HostKey> keys;
  for (const KeySpec& spec : specs) keys.push_back({spec, {}, {}});
  return keys;
}

}  // namespace vmtool::identity
