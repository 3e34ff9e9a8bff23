#pragma once
// What images are called.

#include <string>
#include <string_view>

namespace vmtool::images {

/// "sha256:" and 64 lower-case hexadecimal digits.
bool is_digest(std::string_view text);

/// The 64 digits of a digest. Throws Error{invalid_input} where it is none; other algorithms than sha256 are refused.
std::string hex_of_digest(std::string_view digest);

/// The name under which an image is kept: "busybox:latest" is "busybox". Throws Error{invalid_input} for what is no name of an image:
/// words of letters, digits, '.', '_', '-' between '/', an optional ':TAG', 255 bytes at most (distribution's reference grammar, without digests).
std::string normal_name(const std::string& name);

}  // namespace vmtool::images
