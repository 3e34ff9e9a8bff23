#pragma once
// MAC and IP addresses as values.

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vmtool::model {

/// An Ethernet address, six bytes in transmission order.
struct MacAddress {
  std::array<unsigned char, 6> bytes{};
  friend auto operator<=>(const MacAddress&, const MacAddress&) = default;
  /// Bit 0 of the first byte (IEEE 802): group addresses can't be an interface's own.
  bool is_multicast() const noexcept { return (bytes[0] & 1u) != 0; }
};

/// Reads six pairs of hexadecimal digits with colons; absent when it is anything else.
std::optional<MacAddress> parse_mac(std::string_view text);
/// Lower case with colons.
std::string to_text(const MacAddress& mac);

/// An IPv4 or IPv6 address; IPv4 stands in the last four bytes.
struct IpAddress {
  bool v6 = false;
  std::array<unsigned char, 16> bytes{};
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
  /// Width in bits: 32 or 128.
  unsigned width() const noexcept { return v6 ? 128 : 32; }
};

/// Reads a dotted quad without leading zeros, or RFC 4291 text without a zone; absent when it is anything else.
std::optional<IpAddress> parse_ip(std::string_view text);
/// inet_ntop's text (RFC 5952 for IPv6).
std::string to_text(const IpAddress& address);
/// The IPv4 address of a 32-bit number in host order.
IpAddress ipv4(std::uint32_t value);
/// The 32-bit number of an IPv4 address in host order.
std::uint32_t ipv4_value(const IpAddress& address);

/// An address with the length of its network prefix in bits, "192.168.140.1/24".
struct IpPrefix {
  IpAddress address;
  unsigned length = 0;
  friend auto operator<=>(const IpPrefix&, const IpPrefix&) = default;
};

/// Reads "ADDRESS/LENGTH"; absent when it is anything else.
std::optional<IpPrefix> parse_prefix(std::string_view text);
std::string to_text(const IpPrefix& prefix);

/// The lowest address of the prefix's network: the host bits are zero.
IpAddress first_address(const IpPrefix& prefix);
/// The highest address of the prefix's network, the broadcast address of IPv4.
IpAddress last_address(const IpPrefix& prefix);
/// Whether the address lies in the prefix's network (same family).
bool contains(const IpPrefix& prefix, const IpAddress& address);
/// Whether two networks have an address in common.
bool overlaps(const IpPrefix& a, const IpPrefix& b);

}  // namespace vmtool::model
