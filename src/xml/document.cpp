#include "xml/document.hpp"

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::xml {
namespace {

using util::Errc;
using util::Error;

// Walks without recursion, so that the depth is known before anything recursive sees the tree.
struct DepthCheck final : pugi::xml_tree_walker {
  bool for_each(pugi::xml_node&) override { return depth() < max_depth; }
};

unsigned line_at(std::string_view text, std::ptrdiff_t offset) {
  unsigned line = 1;
  for (const char c : text.substr(0, static_cast<std::size_t>(offset))) line += c == '\n' ? 1u : 0u;
  return line;
}

// pugixml takes C strings: what follows a NUL would be lost silently.
std::string without_nul(std::string_view value) {
  if (value.find('\0') != std::string_view::npos) {
    throw Error(Errc::invalid_input, fmt::format("'{}' holds a character that XML can't", util::printable(value, 60)));
  }
  return std::string(value);
}

}  // namespace

pugi::xml_document parse(std::string_view text, std::string_view what, Spaces spaces) {
  pugi::xml_document document;
  // Comments and CDATA sections stay: what others put into a definition must survive a change of ours.
  const unsigned options =
      pugi::parse_default | pugi::parse_comments | (spaces == Spaces::kept ? pugi::parse_ws_pcdata : 0u);
  const pugi::xml_parse_result result = document.load_buffer(text.data(), text.size(), options, pugi::encoding_utf8);
  if (!result) {
    throw Error(Errc::invalid_input, fmt::format("{} is not well-formed in line {}: {}", what,
                                                 line_at(text, result.offset), result.description()));
  }
  for (pugi::xml_node after = document.document_element().next_sibling(); after; after = after.next_sibling()) {
    if (after.type() == pugi::node_comment) continue;
    throw Error(Errc::invalid_input, fmt::format("{} goes on after its root element", what));
  }
  DepthCheck check;
  if (!document.traverse(check)) {
    throw Error(Errc::invalid_input, fmt::format("{} nests deeper than {} levels", what, max_depth));
  }
  return document;
}

pugi::xml_document parse_root(std::string_view text, std::string_view root, Spaces spaces) {
  pugi::xml_document document = parse(text, fmt::format("{} XML", root), spaces);
  const std::string_view found = document.document_element().name();
  if (found != root) {
    throw Error(Errc::invalid_input, fmt::format("expected the XML of a {}, found the element '{}'", root, found));
  }
  return document;
}

pugi::xml_node append(pugi::xml_node parent, const char* name) { return parent.append_child(name); }

pugi::xml_node append(pugi::xml_node parent, const char* name, std::string_view text) {
  pugi::xml_node node = parent.append_child(name);
  node.append_child(pugi::node_pcdata).set_value(without_nul(text).c_str());
  return node;
}

void set(pugi::xml_node node, const char* name, std::string_view value) {
  pugi::xml_attribute attribute = node.attribute(name);
  if (!attribute) attribute = node.append_attribute(name);
  attribute.set_value(without_nul(value).c_str());
}

void remark(pugi::xml_node parent, std::string_view text) {
  parent.append_child(pugi::node_comment).set_value(fmt::format(" {} ", text).c_str());
}

}  // namespace vmtool::xml
