#include "xml/values.hpp"

#include <cstdint>
#include <limits>

#include "util/text.hpp"

namespace vmtool::xml {
namespace {

// 0 for a unit that libvirt does not know either.
std::uint64_t factor_of(std::string_view unit, std::uint64_t default_unit) {
  if (unit.empty()) return default_unit;
  if (unit == "b" || unit == "byte" || unit == "bytes" || unit == "B") return 1;
  constexpr std::string_view letters = "kmgtpe";
  const char first = unit[0] >= 'A' && unit[0] <= 'Z' ? static_cast<char>(unit[0] - 'A' + 'a') : unit[0];
  const auto power = letters.find(first);
  const std::string_view rest = unit.substr(1);
  const bool is_decimal = rest == "B" || rest == "b";
  if (power == std::string_view::npos || (!is_decimal && !rest.empty() && rest != "iB" && rest != "ib")) return 0;
  std::uint64_t factor = 1;
  for (std::size_t i = 0; i <= power; ++i) factor *= is_decimal ? 1000 : 1024;
  return factor;
}

}  // namespace

std::optional<unsigned> read_unsigned(std::string_view text) {
  const auto value = util::parse_decimal(util::trim(text), std::numeric_limits<unsigned>::max());
  if (!value) return std::nullopt;
  return static_cast<unsigned>(*value);
}

std::optional<util::Bytes> read_size(pugi::xml_node node, std::uint64_t default_unit) {
  const auto number = util::parse_decimal(util::trim(node.text().get()));
  const std::uint64_t factor = factor_of(node.attribute("unit").value(), default_unit);
  if (!number || factor == 0 || *number > std::numeric_limits<std::uint64_t>::max() / factor) return std::nullopt;
  return util::Bytes{*number * factor};
}

std::string lower_case(std::string text) {
  for (char& letter : text) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return text;
}

bool is_yes(std::string_view text) { return text == "yes" || text == "on" || text == "1"; }

std::string_view yes_no(bool value) { return value ? "yes" : "no"; }

}  // namespace vmtool::xml
