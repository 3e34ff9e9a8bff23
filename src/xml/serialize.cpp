#include <fmt/format.h>

#include "util/error.hpp"
#include "util/text.hpp"
#include "xml/document.hpp"

namespace vmtool::xml {
namespace {

using util::Errc;
using util::Error;

std::string place_of(pugi::xml_node node) {
  std::string path;
  for (; node && node.type() == pugi::node_element; node = node.parent()) {
    path.insert(0, fmt::format("/{}", node.name()));
  }
  return path;
}

// U+FFFE and U+FFFF are the only characters of three bytes that XML excludes.
bool is_noncharacter(std::string_view text, std::size_t i) {
  return text.size() - i >= 3 && text[i] == '\xef' && text[i + 1] == '\xbf' &&
         (text[i + 2] == '\xbe' || text[i + 2] == '\xbf');
}

void check(pugi::xml_node node, std::string_view value) {
  bool fits = util::is_utf8(value);
  for (std::size_t i = 0; fits && i < value.size(); ++i) {
    const auto c = static_cast<unsigned char>(value[i]);
    fits = (c >= 0x20 || c == '\t' || c == '\n' || c == '\r') && !is_noncharacter(value, i);
  }
  if (fits) return;
  throw Error(Errc::invalid_input,
              fmt::format("'{}' in '{}' holds a character that XML can't", util::printable(value, 60), place_of(node)));
}

enum class Where { text, attribute };

void escape(std::string& out, std::string_view value, Where where) {
  for (const char c : value) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '\r': out += "&#13;"; break;  // a parser turns a bare one into a newline
      case '\n': out += where == Where::text ? "\n" : "&#10;"; break;
      case '\t': out += where == Where::text ? "\t" : "&#9;"; break;
      case '\'': out += where == Where::text ? "'" : "&apos;"; break;
      default: out += c;
    }
  }
}

bool has_text(pugi::xml_node node) {
  for (const pugi::xml_node child : node.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) return true;
  }
  return false;
}

// `indent` is npos inside mixed content, where white space would become part of the text.
void write(std::string& out, pugi::xml_node node, std::size_t indent) {
  const bool pretty = indent != std::string::npos;
  if (pretty) out.append(indent, ' ');
  if (node.type() == pugi::node_comment) {
    out += fmt::format("<!--{}-->", node.value());
  } else if (node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata) {
    check(node.parent(), node.value());
    escape(out, node.value(), Where::text);
  } else if (node.type() == pugi::node_element) {
    out += fmt::format("<{}", node.name());
    for (const pugi::xml_attribute attribute : node.attributes()) {
      check(node, attribute.value());
      out += fmt::format(" {}='", attribute.name());
      escape(out, attribute.value(), Where::attribute);
      out += '\'';
    }
    if (!node.first_child()) {
      out += "/>";
    } else {
      const bool mixed = !pretty || has_text(node);
      out += mixed ? ">" : ">\n";
      for (const pugi::xml_node child : node.children()) write(out, child, mixed ? std::string::npos : indent + 2);
      if (!mixed) out.append(indent, ' ');
      out += fmt::format("</{}>", node.name());
    }
  }
  if (pretty) out += '\n';
}

}  // namespace

std::string serialize(const pugi::xml_node& root) {
  std::string out;
  write(out, root, 0);
  return out;
}

}  // namespace vmtool::xml
