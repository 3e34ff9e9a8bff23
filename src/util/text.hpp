#pragma once
// Small operations on text that several rooms need.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vmtool::util {

/// Parts between `separator`s; "a,,b" has three parts, "" has one empty part.
std::vector<std::string> split(std::string_view text, char separator);

/// "a, b, c".
std::string join(std::span<const std::string> parts, std::string_view separator);

/// "'a', 'b', 'c'": names as messages list them.
std::string quoted_list(std::span<const std::string> names);

/// Without white space at both ends.
std::string_view trim(std::string_view text);

/// A decimal number of at most `maximum`, digits only, no sign, no leading zero; absent when it is anything else.
std::optional<std::uint64_t> parse_decimal(std::string_view text, std::uint64_t maximum = UINT64_MAX);

/// The candidate nearest to `word` by edit distance, if it is near enough to be a typing mistake.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

/// Text that is safe on a terminal and in one line: control characters and bytes that are not UTF-8 become \xNN,
/// and what is longer than `limit` bytes is cut with "…".
std::string printable(std::string_view text, std::size_t limit = 200);

/// True for valid UTF-8 (no overlong forms, no surrogates).
bool is_utf8(std::string_view text);

/// Lower-case hexadecimal digits of bytes.
std::string to_hex(std::span<const unsigned char> bytes);

}  // namespace vmtool::util
