#include "manifest/redact.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "util/digest.hpp"
#include "util/text.hpp"

namespace vmtool::manifest {
namespace {

constexpr std::array<std::string_view, 2> secrets{"userData", "networkConfig"};

std::size_t indent_of(std::string_view line) { return std::min(line.find_first_not_of(' '), line.size()); }

// The secret that a line names, and whether it stands alone at the line's beginning.
struct Naming {
  std::string_view key{};
  bool is_plain = false;
};

Naming naming_of(std::string_view line) {
  for (const std::string_view key : secrets) {
    const std::size_t at = line.find(key);
    if (at == line.npos) continue;
    const std::string_view after = line.substr(at + key.size());
    return {key, at == indent_of(line) && after.starts_with(":")};
  }
  return {};
}

// A block scalar, a nested mapping or a scalar that ends with its line; anchors and open quotes may end anywhere.
bool has_clear_end(std::string_view value) {
  if (value.empty() || value.front() == '|' || value.front() == '>') return true;
  if (value.front() == '*' || value.front() == '&' || value.front() == '!') return false;
  if (value.front() == '"' || value.front() == '\'') return value.size() > 1 && value.back() == value.front();
  if (value.front() == '{') return value.back() == '}';
  return value.front() != '[';
}

}  // namespace

std::string without_secrets(std::string_view text) {
  const std::vector<std::string> lines = util::split(text, '\n');
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Naming naming = naming_of(lines[i]);
    const bool is_last = i + 1 == lines.size();
    if (naming.key.empty()) {
      out += lines[i] + (is_last ? "" : "\n");
      continue;
    }
    const std::size_t indent = indent_of(lines[i]);
    const std::size_t value = indent + naming.key.size() + 1;
    if (!naming.is_plain || !has_clear_end(util::trim(std::string_view(lines[i]).substr(value)))) {
      return fmt::format("# not kept, since it holds {}\n", naming.key);
    }
    std::string secret = lines[i].substr(value);
    while (i + 1 < lines.size() && (util::trim(lines[i + 1]).empty() || indent_of(lines[i + 1]) > indent))
      secret += "\n" + lines[++i];
    out += fmt::format("{}{}: sha256:{}\n", std::string(indent, ' '), naming.key, util::sha256_hex(secret));
  }
  return out;
}

}  // namespace vmtool::manifest
