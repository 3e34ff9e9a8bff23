#pragma once
// Spans of time, as people write them.

#include <chrono>
#include <string>
#include <string_view>

namespace vmtool::util {

/// Reads "90s", "5m", "1h", "250ms", "2d": a whole number and one unit.
/// Throws Error{invalid_input} where the unit is missing or unknown, or the number is none or beyond 10 years.
std::chrono::milliseconds parse_duration(std::string_view text);

/// Writes so that parse_duration gives the same value back, in the largest unit that divides it: "90s", "5m".
std::string to_text(std::chrono::milliseconds duration);

}  // namespace vmtool::util
