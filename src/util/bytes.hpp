#pragma once
// Sizes in bytes, as people write them.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace vmtool::util {

/// A number of bytes.
struct Bytes {
  std::uint64_t count = 0;
  friend constexpr auto operator<=>(Bytes, Bytes) noexcept = default;
};

constexpr Bytes operator""_KiB(unsigned long long n) { return {n << 10}; }
constexpr Bytes operator""_MiB(unsigned long long n) { return {n << 20}; }
constexpr Bytes operator""_GiB(unsigned long long n) { return {n << 30}; }

/// Reads "2GiB", "512 MiB", "2G" (2·10⁹), "1.5GiB", "4096B". A unit is required: B, kB/KB/K, M, G, T, P, E with an
/// optional B (powers of 1000) or KiB … EiB (powers of 1024).
/// Throws Error{invalid_input} with the two likely readings as hint where the unit is missing, and where the number
/// is not one, is negative, has more than 2⁶³-1 bytes or is not a whole number of bytes.
Bytes parse_bytes(std::string_view text);

/// Writes so that parse_bytes gives the same value back: the largest power-of-1024 unit that divides it, e.g. "20GiB".
std::string to_text(Bytes size);

/// Writes for people, rounded to one decimal of a power-of-1024 unit: "1.4 GiB".
std::string to_human(Bytes size);

}  // namespace vmtool::util
