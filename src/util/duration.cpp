#include "util/duration.hpp"

#include <array>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::util {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t milliseconds;
};

// Largest first, as to_text() looks for the first that divides.
constexpr std::array<Unit, 5> units{{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::uint64_t ten_years_ms = std::uint64_t{3'653} * 86'400'000;

}  // namespace

std::chrono::milliseconds parse_duration(std::string_view text) {
  const auto digits = text.substr(0, text.find_first_not_of("0123456789"));
  const auto unit = text.substr(digits.size());
  const auto number = parse_decimal(digits, ten_years_ms);
  if (!number) {
    throw Error(Errc::invalid_input, fmt::format("'{}' is not a duration", printable(text)))
        .hint("write a whole number and a unit, e.g. 90s, 5m or 250ms");
  }
  for (const Unit& candidate : units) {
    if (candidate.name != unit) continue;
    if (*number > ten_years_ms / candidate.milliseconds) {
      throw Error(Errc::invalid_input, fmt::format("'{}' is longer than ten years", text));
    }
    return std::chrono::milliseconds(static_cast<std::int64_t>(*number * candidate.milliseconds));
  }
  throw Error(Errc::invalid_input,
              unit.empty() ? fmt::format("'{}' is not a duration: it has no unit", text)
                           : fmt::format("'{}' is not a duration: unknown unit '{}'", printable(text), printable(unit)))
      .hint(unit.empty() ? fmt::format("write {0}s or {0}m", text) : "units are ms, s, m, h, d");
}

std::string to_text(std::chrono::milliseconds duration) {
  const auto count = static_cast<std::uint64_t>(duration.count());
  if (count == 0) return "0s";
  for (const Unit& unit : units) {
    if (count % unit.milliseconds == 0) return fmt::format("{}{}", count / unit.milliseconds, unit.name);
  }
  return fmt::format("{}ms", count);
}

}  // namespace vmtool::util
