#include <algorithm>

#include <fmt/format.h>

#include "model/check_rules.hpp"
#include "util/text.hpp"

namespace vmtool::model {
namespace {

constexpr std::size_t longest_name = 63;
constexpr std::size_t longest_reference = 255;
constexpr std::size_t longest_device = 15;
constexpr std::size_t longest_dns_name = 253;
constexpr std::size_t longest_dns_label = 63;

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_name_character(char c) {
  return is_alphanumeric(c) || std::string_view("._+-").find(c) != std::string_view::npos;
}

// The whole character at the start of a text.
std::string_view first_character(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0u) == 0x80u) ++length;
  return text.substr(0, length);
}

bool is_dns_label(std::string_view label) {
  return !label.empty() && label.size() <= longest_dns_label && is_alphanumeric(label.front()) &&
         is_alphanumeric(label.back()) &&
         std::all_of(label.begin(), label.end(), [](char c) { return is_alphanumeric(c) || c == '-'; });
}

}  // namespace

std::optional<std::string> fault_of_name(std::string_view name) {
  if (name.empty()) return "a name can't be empty";
  const std::string shown = util::printable(name, 80);
  if (name.size() > longest_name)
    return fmt::format("the name '{}' has {} bytes, at most {} are allowed", shown, name.size(), longest_name);
  const auto bad = std::find_if_not(name.begin(), name.end(), is_name_character);
  if (bad != name.end()) {
    const auto rest = name.substr(static_cast<std::size_t>(bad - name.begin()));
    return fmt::format("the name '{}' has the character '{}'; letters, digits and . _ + - are allowed", shown,
                       util::printable(first_character(rest)));
  }
  if (!is_alphanumeric(name.front()))
    return fmt::format("the name '{}' does not start with a letter or a digit", shown);
  return std::nullopt;
}

std::optional<std::string> fault_of_text(std::string_view text) {
  if (!util::is_utf8(text)) return fmt::format("'{}' is not UTF-8", util::printable(text, 80));
  const auto bad = std::find_if(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
  });
  if (bad != text.end()) {
    return fmt::format("the text '{}' has the control character {}", util::printable(text, 80),
                       util::printable({&*bad, 1}));
  }
  for (const std::string_view noncharacter : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {
    if (text.find(noncharacter) != std::string_view::npos) {
      return fmt::format("the text '{}' has a character that is none in Unicode", util::printable(text, 80));
    }
  }
  return std::nullopt;
}

void Findings::check_name(std::string path, std::string_view name) {
  if (auto fault = fault_of_name(name)) add(std::move(path), std::move(*fault));
}

void Findings::check_line(std::string path, std::string_view text) {
  if (auto fault = fault_of_text(text)) {
    add(std::move(path), std::move(*fault));
  } else if (text.find_first_of("\n\r") != std::string_view::npos) {
    add(std::move(path), fmt::format("'{}' has more than one line", util::printable(text, 80)));
  }
}

void Findings::check_reference(std::string path, std::string_view name) {
  const std::string shown = util::printable(name, 80);
  if (name.empty()) {
    add(std::move(path), "a name can't be empty");
  } else if (name.size() > longest_reference) {
    add(std::move(path),
        fmt::format("the name '{}' has {} bytes, at most {} are allowed", shown, name.size(), longest_reference));
  } else if (name == "." || name == ".." || name.find('/') != std::string_view::npos) {
    add(std::move(path), fmt::format("'{}' is a path, not a name", shown));
  } else {
    check_line(std::move(path), name);
  }
}

void Findings::check_absolute_path(std::string path, std::string_view file) {
  if (file.empty() || file.front() != '/') {
    add(std::move(path), fmt::format("'{}' is not an absolute path", util::printable(file, 80)));
  } else {
    check_line(std::move(path), file);
  }
}

void Findings::check_inside_path(std::string path, std::string_view file) {
  const auto parts = util::split(file, '/');
  if (std::find(parts.begin(), parts.end(), "..") != parts.end()) {
    add(std::move(path), fmt::format("'{}' has '..' in it", util::printable(file, 80)));
  } else {
    check_absolute_path(std::move(path), file);
  }
}

void Findings::check_device(std::string path, std::string_view name) {
  const std::string shown = util::printable(name, 80);
  const bool good = std::all_of(name.begin(), name.end(),
                                [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
  if (name.size() > longest_device) {
    add(std::move(path),
        fmt::format("the device name '{}' has {} bytes, at most {} are allowed", shown, name.size(), longest_device));
  } else if (name.empty() || name == "." || name == ".." || !good) {
    add(std::move(path),
        fmt::format("'{}' can't be the name of a network device: letters, digits and . _ - are allowed", shown));
  }
}

void Findings::check_dns_name(std::string path, std::string_view name) {
  const auto labels = util::split(name, '.');
  if (name.size() <= longest_dns_name && std::all_of(labels.begin(), labels.end(), is_dns_label)) return;
  add(std::move(path), fmt::format("'{}' is not a DNS name", util::printable(name, 80)),
      "write labels of letters, digits and '-', separated by dots, e.g. lab.internal");
}

}  // namespace vmtool::model
