#pragma once
// Base64 (RFC 4648, section 4).

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace vmtool::identity {

/// The bytes; absent where the text is no base64. Padding may be missing.
std::optional<std::string> from_base64(std::string_view text);

/// With padding.
std::string to_base64(std::span<const unsigned char> bytes);

/// Without padding, as OpenSSH prints fingerprints.
std::string to_base64_unpadded(std::span<const unsigned char> bytes);

}  // namespace vmtool::identity
