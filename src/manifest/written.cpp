#include "manifest/written.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

namespace vmtool::manifest {
namespace {

bool is_plain_text(std::string_view text) {
  static constexpr std::array<std::string_view, 6> words{"null", "Null", "NULL", "true", "false", "y"};
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_safe = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || std::string_view("._/+-").find(c) != std::string_view::npos;
  };
  if (text.empty() || std::find(words.begin(), words.end(), text) != words.end()) return false;
  const bool starts_well =
      is_letter(text.front()) || text.front() == '/' || (text.front() >= '0' && text.front() <= '9');
  return starts_well && std::all_of(text.begin(), text.end(), is_safe);
}

std::string quote_text(std::string_view text) {
  if (is_plain_text(text)) return std::string(text);
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else if (c == '\r') out += "\\r";
    else out += c;
  }
  return out + "\"";
}

std::string without_variables(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "${") == 0) out += '$';
    out += text[i];
  }
  return out;
}

bool is_empty(const Written& node) {
  return node.type != Written::Type::text && node.items.empty() && node.members.empty();
}

void write_node(const Written& node, std::size_t indent, std::string& out);

// What stands behind "key:" or "-", the end of its line included.
void write_below(const Written& node, std::size_t indent, bool is_item, std::string& out) {
  if (node.type == Written::Type::text) {
    out += " " + quote_text(without_variables(node.text)) + "\n";
  } else if (is_empty(node)) {
    out += node.type == Written::Type::list ? " []\n" : " {}\n";
  } else if (is_item && node.type == Written::Type::mapping) {
    // The first key stands beside the dash.
    std::string below;
    write_node(node, indent + 2, below);
    out += " " + below.substr(indent + 2);
  } else {
    out += "\n";
    write_node(node, indent + 2, out);
  }
}

void write_node(const Written& node, std::size_t indent, std::string& out) {
  const std::string pad(indent, ' ');
  for (const auto& [key, value] : node.members) {
    out += fmt::format("{}{}:", pad, quote_text(key));
    write_below(value, indent, false, out);
  }
  for (const Written& item : node.items) {
    out += pad + "-";
    write_below(item, indent, true, out);
  }
}

}  // namespace

std::string to_yaml(const Written& document) {
  std::string out;
  write_node(document, 0, out);
  return out;
}

}  // namespace vmtool::manifest
