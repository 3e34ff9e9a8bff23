#include <algorithm>

#include <fmt/format.h>

#include "identity/items.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

constexpr const char* host_keys_item_name = "ssh-host-keys";

const HostKey* find_key(const Fresh& fresh, const KeySpec& spec) {
  const auto found = std::find_if(fresh.host_keys.begin(), fresh.host_keys.end(),
                                  [&](const HostKey& key) { return key.spec == spec; });
  return found == fresh.host_keys.end() ? nullptr : &*found;
}

void put_public_half(Draft& draft, const std::string& path, const Fact& private_half, const std::string& line) {
  const Fact* half = draft.facts().find(path);
  if (half == nullptr) {
    draft.create(path, line, {.mode = 0644, .uid = private_half.owner.uid, .gid = 0});
  } else if (half->kind == Kind::file) {
    draft.write(*half, line);
  } else {
    draft.report().warnings.push_back(fmt::format("'{}' is not a regular file, and keeps what it is", path));
  }
}

// Deleting keys, as other tools do, leaves Debian's sshd dead: nothing there makes them at boot.
void renew(Draft& draft, const Fact& key) {
  const std::string public_path = key.path + ".pub";
  const Fact* half = draft.facts().file(public_path);
  Outcome outcome{.item = host_keys_item_name,
                  .path = key.path,
                  .status = Status::not_possible,
                  .old_value = half != nullptr ? fingerprint(half->content) : std::string(),
                  .new_value = {},
                  .reason = {}};
  const auto spec = key_spec(key.path, half != nullptr ? half->content : std::string());
  const HostKey* fresh = spec ? find_key(draft.fresh(), *spec) : nullptr;
  if (key.kind != Kind::file) {
    outcome.reason = "is not a regular file";
  } else if (fresh == nullptr) {
    outcome.reason = spec ? fmt::format("ssh-keygen on this host makes no {} keys", spec->type)
                          : std::string("a key of a type that is not known");
  } else {
    draft.write(key, fresh->private_key);
    put_public_half(draft, public_path, key, fresh->public_key);
    outcome.status = Status::renewed;
    outcome.new_value = fingerprint(fresh->public_key);
    draft.report().host_public_keys.push_back(std::string(util::trim(fresh->public_key)));
  }
  draft.note(std::move(outcome));
}

void plan_host_keys(Draft& draft) {
  const auto keys = draft.facts().matching("/etc/ssh/ssh_host_*_key");
  if (keys.empty())
    draft.note({.item = host_keys_item_name,
                .path = {},
                .status = Status::absent,
                .old_value = {},
                .new_value = {},
                .reason = {}});
  for (const Fact* key : keys) renew(draft, *key);
  for (const Fact* certificate : draft.facts().matching("/etc/ssh/ssh_host_*_key-cert.pub")) {
    if (certificate->kind == Kind::directory) continue;
    draft.remove(certificate->path);
    draft.note({.item = host_keys_item_name,
                .path = certificate->path,
                .status = Status::removed,
                .old_value = "a certificate of the old key",
                .new_value = {},
                .reason = {}});
  }
}

}  // namespace

Item host_key_item() {
  return {host_keys_item_name,
          "the keys by which sshd proves who it is, made anew of the same types and sizes",
          {{"/etc/ssh/ssh_host_*"}},
          plan_host_keys};
}

}  // namespace vmtool::identity
