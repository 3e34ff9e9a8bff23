#pragma once
// Messages on a stream of bytes: a length (4 bytes, least first) and that many bytes of JSON.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "identity/wire.hpp"

namespace vmtool::identity {

inline constexpr std::size_t frame_header = 4;

/// A message as it travels.
std::string framed(const Json& message);
/// The length that a header of frame_header bytes tells. Throws Error{internal} for more than 16 MiB.
std::uint32_t frame_length(std::string_view header);

/// Messages out of bytes that come in pieces. What the other side sends is never trusted: at most one message's worth is kept.
class Unframer {
 public:
  /// Throws as frame_length().
  void add(std::string_view bytes);
  /// The next whole message, taken out. Throws Error{internal} where it is no JSON.
  std::optional<Json> next();

 private:
  std::optional<std::uint32_t> length() const;

  std::string bytes_;
};

}  // namespace vmtool::identity
