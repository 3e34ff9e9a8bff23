// Secrets that two machines must not share: seeds of the random generator, and systemd's credential secret.
#include <algorithm>
#include <array>

#include "identity/items.hpp"

namespace vmtool::identity {
namespace {

constexpr std::array<const char*, 7> seed_paths{"/var/lib/systemd/random-seed", "/var/lib/random-seed",
                                                "/var/lib/urandom/random-seed", "/var/lib/misc/random-seed",
                                                "/boot/efi/loader/random-seed", "/efi/loader/random-seed",
                                                "/boot/loader/random-seed"};
constexpr std::uint64_t largest_seed = 4096;
constexpr const char* secret_path = "/var/lib/systemd/credential.secret";

void plan_seeds(Draft& draft) {
  bool any = false;
  for (const char* path : seed_paths) {
    const Fact* seed = draft.facts().find(path);
    if (seed == nullptr) continue;
    any = true;
    Outcome outcome{
        .item = "random-seed", .path = path, .status = Status::renewed, .old_value = {}, .new_value = {}, .reason = {}};
    if (seed->kind == Kind::file && seed->size <= largest_seed) {
      // A boot loader's seed must keep its size; an empty one is filled.
      std::string bytes(seed->size == 0 ? 512 : static_cast<std::size_t>(seed->size), '\0');
      draft.fresh().random({reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()});
      draft.write(*seed, std::move(bytes));
    } else {
      outcome.status = Status::not_possible;
      outcome.reason = seed->kind == Kind::file ? "is too large for a seed" : "is not a regular file";
    }
    draft.note(std::move(outcome));
  }
  if (!any)
    draft.note(
        {.item = "random-seed", .path = {}, .status = Status::absent, .old_value = {}, .new_value = {}, .reason = {}});
}

void plan_secret(Draft& draft) {
  const Fact* secret = draft.facts().find(secret_path);
  Outcome outcome{.item = "credential-secret",
                  .path = secret_path,
                  .status = Status::removed,
                  .old_value = {},
                  .new_value = {},
                  .reason = {}};
  const bool sealed = !draft.facts().matching("/etc/credstore.encrypted/*").empty() ||
                      !draft.facts().matching("/var/lib/systemd/credential.encrypted/*").empty();
  if (secret == nullptr) {
    outcome.status = Status::absent;
    outcome.path.clear();
  } else if (secret->kind == Kind::directory) {
    outcome.status = Status::not_possible;
    outcome.reason = "is a directory";
  } else if (sealed) {
    outcome.status = Status::not_possible;
    outcome.reason = "credentials in /etc/credstore.encrypted could not be read any more without it";
  } else {
    draft.remove(secret_path);
  }
  draft.note(std::move(outcome));
}

}  // namespace

Item random_seed_item() {
  Item item{"random-seed", "what is fed to the kernel's random generator at boot", {}, plan_seeds};
  for (const char* path : seed_paths) item.interests.push_back({path, Interest::Content::skip});
  return item;
}

Item credential_item() {
  return {"credential-secret",
          "the key that seals systemd's credentials; systemd makes a new one",
          {{secret_path, Interest::Content::skip},
           {"/etc/credstore.encrypted/*", Interest::Content::skip},
           {"/var/lib/systemd/credential.encrypted/*", Interest::Content::skip}},
          plan_secret};
}

}  // namespace vmtool::identity
