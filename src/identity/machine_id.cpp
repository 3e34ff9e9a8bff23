#include "identity/machine_id.hpp"

#include <algorithm>
#include <array>

#include "util/digest.hpp"
#include "util/text.hpp"
#include "util/uuid.hpp"

namespace vmtool::identity {
namespace {

void set_v4_bits(std::span<unsigned char> id) {
  id[6] = static_cast<unsigned char>((id[6] & 0x0f) | 0x40);
  id[8] = static_cast<unsigned char>((id[8] & 0x3f) | 0x80);
}

// RFC 2104 for a key that is shorter than a block.
util::Digest hmac_sha256(std::string_view key, std::string_view message) {
  constexpr std::size_t block = 64;
  std::string inner(block, '\x36');
  std::string outer(block, '\x5c');
  for (std::size_t i = 0; i < key.size(); ++i) {
    inner[i] = static_cast<char>(inner[i] ^ key[i]);
    outer[i] = static_cast<char>(outer[i] ^ key[i]);
  }
  const util::Digest first = util::sha256(inner.append(message));
  return util::sha256(outer.append(first.begin(), first.end()));
}

std::string bytes_of(const util::Uuid& uuid) { return {uuid.bytes.begin(), uuid.bytes.end()}; }

}  // namespace

bool is_machine_id(std::string_view text) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == 32 && std::all_of(text.begin(), text.end(), is_digit) &&
         std::any_of(text.begin(), text.end(), [](char c) { return c != '0'; });
}

bool is_machine_id_file(std::string_view content) {
  const std::string_view text = util::trim(content);
  return text.empty() || text == "uninitialized" || is_machine_id(text);
}

std::string random_machine_id(const std::function<void(std::span<unsigned char>)>& random) {
  std::array<unsigned char, 16> id{};
  random(id);
  set_v4_bits(id);
  return util::to_hex(id);
}

std::string var_partition_uuid(std::string_view machine_id) {
  const auto key = util::parse_uuid(machine_id);
  if (!key) return {};
  const auto type = util::parse_uuid("4d21b016-b534-45c2-a9fb-5c16e091fd2d");
  const util::Digest digest = hmac_sha256(bytes_of(*key), bytes_of(*type));
  util::Uuid uuid;
  std::copy_n(digest.begin(), uuid.bytes.size(), uuid.bytes.begin());
  set_v4_bits(uuid.bytes);
  return util::to_text(uuid);
}

}  // namespace vmtool::identity
