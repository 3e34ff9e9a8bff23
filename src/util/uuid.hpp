#pragma once
// UUIDs (RFC 4122).

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace vmtool::util {

/// 16 bytes in network order.
struct Uuid {
  std::array<unsigned char, 16> bytes{};
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

/// Reads 36 characters with dashes or 32 without, any case; absent when it is anything else.
std::optional<Uuid> parse_uuid(std::string_view text);

/// Lower case with dashes.
std::string to_text(const Uuid& uuid);

/// A random UUID, version 4.
Uuid random_uuid();

/// A UUID derived from a namespace and a name, version 8 (custom): the first 16 bytes of sha256(space ‖ name).
/// The same two give the same UUID for ever.
Uuid derived_uuid(const Uuid& space, std::string_view name);

}  // namespace vmtool::util
