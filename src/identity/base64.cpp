#include "identity/base64.hpp"

#include <cstdint>

namespace vmtool::identity {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::optional<std::string> from_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == alphabet.npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xff);
  }
  return out;
}

std::string to_base64_unpadded(std::span<const unsigned char> bytes) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const unsigned char byte : bytes) {
    bits = bits << 8 | byte;
    count += 8;
    while (count >= 6) {
      count -= 6;
      out += alphabet[bits >> count & 0x3f];
    }
  }
  if (count > 0) out += alphabet[bits << (6 - count) & 0x3f];
  return out;
}

std::string to_base64(std::span<const unsigned char> bytes) {
  std::string out = to_base64_unpadded(bytes);
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

}  // namespace vmtool::identity
