#include "model/address.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include <fmt/format.h>

#include "util/text.hpp"

namespace vmtool::model {
namespace {

constexpr std::size_t v4_offset = 12;

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The prefix's address with every host bit set to `bit`.
IpAddress with_host_bits(const IpPrefix& prefix, bool bit) {
  IpAddress out = prefix.address;
  const std::size_t start = out.v6 ? 0 : v4_offset;
  for (unsigned i = prefix.length; i < out.width(); ++i) {
    unsigned char& byte = out.bytes[start + i / 8];
    const auto mask = static_cast<unsigned char>(0x80u >> (i % 8));
    byte = static_cast<unsigned char>(bit ? byte | mask : byte & ~mask);
  }
  return out;
}

}  // namespace

std::optional<MacAddress> parse_mac(std::string_view text) {
  if (text.size() != 17) return std::nullopt;
  MacAddress mac;
  for (std::size_t i = 0; i < 6; ++i) {
    const int high = nibble(text[i * 3]);
    const int low = nibble(text[i * 3 + 1]);
    if (high < 0 || low < 0 || (i < 5 && text[i * 3 + 2] != ':')) return std::nullopt;
    mac.bytes[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return mac;
}

std::string to_text(const MacAddress& mac) { return fmt::format("{:02x}", fmt::join(mac.bytes, ":")); }

std::optional<IpAddress> parse_ip(std::string_view text) {
  const std::string copy(text);
  if (copy.size() != copy.find('\0') && copy.find('\0') != std::string::npos) return std::nullopt;
  IpAddress address;
  if (::inet_pton(AF_INET, copy.c_str(), address.bytes.data() + v4_offset) == 1) {
    // inet_pton reads "010" as ten, other programs as eight: refuse what has two readings.
    for (const std::string& part : util::split(text, '.')) {
      if (!util::parse_decimal(part, 255)) return std::nullopt;
    }
    return address;
  }
  address = {};
  address.v6 = true;
  if (::inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

std::string to_text(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  ::inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data() + (address.v6 ? 0 : v4_offset), buffer.data(),
              buffer.size());
  return buffer.data();
}

IpAddress ipv4(std::uint32_t value) {
  IpAddress address;
  for (std::size_t i = 0; i < 4; ++i) address.bytes[v4_offset + i] = static_cast<unsigned char>(value >> (24 - 8 * i));
  return address;
}

std::uint32_t ipv4_value(const IpAddress& address) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = (value << 8) | address.bytes[v4_offset + i];
  return value;
}

std::optional<IpPrefix> parse_prefix(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = parse_ip(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto length = util::parse_decimal(text.substr(slash + 1), address->width());
  if (!length) return std::nullopt;
  return IpPrefix{*address, static_cast<unsigned>(*length)};
}

std::string to_text(const IpPrefix& prefix) { return fmt::format("{}/{}", to_text(prefix.address), prefix.length); }

IpAddress first_address(const IpPrefix& prefix) { return with_host_bits(prefix, false); }

IpAddress last_address(const IpPrefix& prefix) { return with_host_bits(prefix, true); }

bool contains(const IpPrefix& prefix, const IpAddress& address) {
  if (prefix.address.v6 != address.v6) return false;
  return first_address(prefix) == first_address({address, prefix.length});
}

bool overlaps(const IpPrefix& a, const IpPrefix& b) {
  return a.length <= b.length ? contains(a, b.address) : contains(b, a.address);
}

}  // namespace vmtool::model
