#include "manifest/value.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "model/check.hpp"
#include "util/duration.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::manifest {
namespace {

[[noreturn]] void refuse(std::string_view text, std::string_view what, std::string hint) {
  throw util::Error(util::Errc::invalid_input, fmt::format("'{}' is not {}", util::printable(text, 80), what))
      .hint(std::move(hint));
}

// What YAML 1.1 and people call true or false; absent for everything else.
std::string meant_bool(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* word : {"true", "yes", "y", "on", "1"}) {
    if (lower == word) return "write true";
  }
  for (const char* word : {"false", "no", "n", "off", "0"}) {
    if (lower == word) return "write false";
  }
  return "write true or false";
}

}  // namespace

std::string Value<std::string>::read(std::string_view text) {
  if (const auto fault = model::fault_of_text(text)) throw util::Error(util::Errc::invalid_input, *fault);
  return std::string(text);
}

bool Value<bool>::read(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  refuse(text, "true or false", meant_bool(text));
}

namespace {

std::uint64_t read_number(std::string_view text, std::uint64_t largest) {
  if (const auto number = util::parse_decimal(text, largest)) return *number;
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits) refuse(text, "a whole number", "write decimal digits only");
  const auto significant = text.substr(std::min(text.find_first_not_of('0'), text.size() - 1));
  if (significant.size() == text.size())
    refuse(text, "a whole number that fits", fmt::format("the largest is {}", largest));
  refuse(text, "a decimal number: it has a leading zero", fmt::format("write {}", util::printable(significant, 80)));
}

}  // namespace

unsigned Value<unsigned>::read(std::string_view text) { return static_cast<unsigned>(read_number(text, UINT32_MAX)); }

std::uint64_t Value<std::uint64_t>::read(std::string_view text) { return read_number(text, UINT64_MAX); }

std::chrono::milliseconds Value<std::chrono::milliseconds>::read(std::string_view text) {
  return util::parse_duration(text);
}

std::string Value<std::chrono::milliseconds>::write(const std::chrono::milliseconds& value) {
  return util::to_text(value);
}

model::MacAddress Value<model::MacAddress>::read(std::string_view text) {
  if (const auto mac = model::parse_mac(text)) return *mac;
  refuse(text, "a MAC address", "write six pairs of hexadecimal digits, e.g. 52:54:00:12:34:56");
}

model::IpAddress Value<model::IpAddress>::read(std::string_view text) {
  if (const auto address = model::parse_ip(text)) return *address;
  refuse(text, "an IP address",
         text.find('/') == std::string_view::npos ? "write e.g. 192.168.140.10 or fd12:3456:789a:1::10"
                                                  : "write it without the prefix length");
}

model::IpPrefix Value<model::IpPrefix>::read(std::string_view text) {
  if (const auto prefix = model::parse_prefix(text)) return *prefix;
  refuse(text, "an IP address with a prefix length",
         model::parse_ip(text)
             ? fmt::format("write e.g. {}/{}", text, text.find(':') == std::string_view::npos ? 24 : 64)
             : "write e.g. 192.168.140.1/24 or fd12:3456:789a:1::1/64");
}

void refuse_word(std::string_view word, const std::vector<std::string>& words) {
  const auto meant = util::nearest(word, words);
  refuse(word, fmt::format("one of {}", util::join(words, ", ")),
         meant ? fmt::format("did you mean '{}'?", *meant) : "");
}

}  // namespace vmtool::manifest
