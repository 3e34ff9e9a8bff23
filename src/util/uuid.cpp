#include "util/uuid.hpp"

#include <algorithm>
#include <cstdint>

#include "util/digest.hpp"
#include "util/random.hpp"
#include "util/text.hpp"

namespace vmtool::util {
namespace {

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// RFC 4122 section 4.1: the version in the high nibble of byte 6, the variant in the high bits of byte 8.
void stamp(Uuid& uuid, unsigned version) {
  uuid.bytes[6] = static_cast<unsigned char>((uuid.bytes[6] & 0x0Fu) | (version << 4));
  uuid.bytes[8] = static_cast<unsigned char>((uuid.bytes[8] & 0x3Fu) | 0x80u);
}

}  // namespace

std::optional<Uuid> parse_uuid(std::string_view text) {
  const bool dashes = text.size() == 36;
  if (!dashes && text.size() != 32) return std::nullopt;
  Uuid uuid;
  std::size_t digit = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (dashes && (i == 8 || i == 13 || i == 18 || i == 23)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = nibble(text[i]);
    if (value < 0) return std::nullopt;
    unsigned char& byte = uuid.bytes[digit / 2];
    byte = static_cast<unsigned char>((byte << 4) | value);
    ++digit;
  }
  return uuid;
}

std::string to_text(const Uuid& uuid) {
  std::string text = to_hex(uuid.bytes);
  for (const std::size_t at : {std::size_t{20}, std::size_t{16}, std::size_t{12}, std::size_t{8}})
    text.insert(at, 1, '-');
  return text;
}

Uuid random_uuid() {
  Uuid uuid;
  fill_random(uuid.bytes);
  stamp(uuid, 4);
  return uuid;
}

Uuid derived_uuid(const Uuid& space, std::string_view name) {
  std::string input(reinterpret_cast<const char*>(space.bytes.data()), space.bytes.size());
  input += name;
  const Digest digest = sha256(input);
  Uuid uuid;
  std::copy_n(digest.begin(), uuid.bytes.size(), uuid.bytes.begin());
  stamp(uuid, 8);
  return uuid;
}

}  // namespace vmtool::util
