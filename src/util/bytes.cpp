#include "util/bytes.hpp"

#include <array>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "util/error.hpp"

namespace vmtool::util {
namespace {

constexpr std::string_view prefixes = "KMGTPE";
constexpr std::uint64_t largest = (std::uint64_t{1} << 63) - 1;
// Wide enough for a mantissa times a unit, so that overflow is a comparison.
__extension__ typedef unsigned __int128 Wide;

// 0 where the unit is unknown.
std::uint64_t unit_factor(std::string_view unit) {
  if (unit == "B") return 1;
  if (unit.empty()) return 0;
  const char letter = unit.front() == 'k' ? 'K' : unit.front();
  const auto power = prefixes.find(letter);
  if (power == std::string_view::npos) return 0;
  const std::string_view rest = unit.substr(1);
  std::uint64_t base = 0;
  if (rest.empty() || rest == "B") base = 1000;
  if (rest == "iB" && unit.front() != 'k') base = 1024;
  if (base == 0) return 0;
  std::uint64_t factor = base;
  for (std::size_t i = 0; i < power; ++i) factor *= base;
  return factor;
}

[[noreturn]] void refuse(std::string_view text, std::string_view why, std::string hint) {
  throw Error(Errc::invalid_input, fmt::format("'{}' is not a size: {}", text, why)).hint(std::move(hint));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Bytes parse_bytes(std::string_view text) {
  std::size_t at = 0;
  Wide mantissa = 0;
  std::uint64_t scale = 1;
  bool digits = false;
  bool fraction = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !fraction && digits) {
      fraction = true;
      continue;
    }
    if (!is_digit(c)) break;
    digits = true;
    if (mantissa > largest || (fraction && scale > 1'000'000'000)) refuse(text, "it has too many digits", "");
    mantissa = mantissa * 10 + static_cast<unsigned>(c - '0');
    if (fraction) scale *= 10;
  }
  if (!digits || text[at - 1] == '.')
    refuse(text, "it does not start with a number", "write a number and a unit, e.g. 20GiB");
  if (text.size() > 1 && text[0] == '0' && is_digit(text[1]))
    refuse(text, "it has a leading zero", "write it without the zero");
  std::string_view unit = text.substr(at);
  if (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  if (unit.empty()) {
    refuse(text, "it has no unit", fmt::format("write {0}GiB or {0}MiB", text));
  }
  const std::uint64_t factor = unit_factor(unit);
  if (factor == 0) {
    refuse(text, fmt::format("unknown unit '{}'", unit),
           "units are B, KiB, MiB, GiB, TiB, PiB, EiB and k, M, G, T, P, E (powers of 1000)");
  }
  if (mantissa > (static_cast<Wide>(largest) * scale) / factor) refuse(text, "it is larger than 8 EiB", "");
  const Wide scaled = mantissa * factor;
  if (scaled % scale != 0) refuse(text, "it is not a whole number of bytes", "use a smaller unit");
  return Bytes{static_cast<std::uint64_t>(scaled / scale)};
}

std::string to_text(Bytes size) {
  std::uint64_t count = size.count;
  std::size_t power = 0;
  while (count != 0 && count % 1024 == 0 && power < prefixes.size()) {
    count /= 1024;
    ++power;
  }
  if (power == 0) return fmt::format("{}B", count);
  return fmt::format("{}{}iB", count, prefixes[power - 1]);
}

std::string to_human(Bytes size) {
  if (size.count < 1024) return fmt::format("{} B", size.count);
  double value = static_cast<double>(size.count) / 1024;
  std::size_t power = 0;
  // 1023.95 would be printed as 1024.0 of the smaller unit.
  while (value >= 1023.95 && power + 1 < prefixes.size()) {
    value /= 1024;
    ++power;
  }
  return fmt::format("{:.1f} {}iB", value, prefixes[power]);
}

}  // namespace vmtool::util
