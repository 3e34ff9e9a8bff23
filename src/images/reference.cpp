#include "images/reference.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

using util::Errc;
using util::Error;

constexpr std::size_t longest_name = 255;
constexpr std::string_view default_tag = ":latest";
constexpr std::string_view algorithm = "sha256:";

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// A registry's port is a word after ':' as a tag is, so the colon is checked like the other separators.
bool is_name(std::string_view name) {
  if (name.empty() || name.size() > longest_name || !is_letter_or_digit(name.front()) ||
      !is_letter_or_digit(name.back()))
    return false;
  const auto allowed = [](char c) {
    return is_letter_or_digit(c) || std::string_view("._-/:").find(c) != std::string_view::npos;
  };
  if (!std::all_of(name.begin(), name.end(), allowed)) return false;
  const std::vector<std::string> parts = util::split(name, '/');
  return std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
    return !part.empty() && (is_letter_or_digit(part.front()) || part.front() == '_');
  });
}

}  // namespace

bool is_digest(std::string_view text) {
  if (!text.starts_with(algorithm)) return false;
  text.remove_prefix(algorithm.size());
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string hex_of_digest(std::string_view digest) {
  if (!is_digest(digest))
    throw Error(Errc::invalid_input, fmt::format("'{}' is no sha256 digest", util::printable(digest)));
  return std::string(digest.substr(algorithm.size()));
}

std::string normal_name(const std::string& name) {
  if (!is_name(name)) {
    throw Error(Errc::invalid_input, fmt::format("'{}' is no name of an image", util::printable(name)))
        .hint("such as 'web', 'debian:12' or 'registry.example/team/web:1'");
  }
  return name.ends_with(default_tag) ? name.substr(0, name.size() - default_tag.size()) : name;
}

}  // namespace vmtool::images
