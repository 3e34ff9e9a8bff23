#include "xml/template_mark.hpp"

#include <fmt/format.h>

#include "xml/document.hpp"

namespace vmtool::xml {
namespace {

// The prefix is the writer's choice; the namespace is what counts.
pugi::xml_node find_mark(pugi::xml_node domain) {
  for (const pugi::xml_node node : domain.child("metadata").children()) {
    const std::string_view name = node.name();
    const std::size_t colon = name.find(':');
    if (colon == name.npos || name.substr(colon) != ":template") continue;
    const std::string declaration = fmt::format("xmlns:{}", name.substr(0, colon));
    if (std::string_view(node.attribute(declaration.c_str()).value()) == template_space) return node;
  }
  return {};
}

}  // namespace

std::optional<std::string> template_mark(std::string_view domain_xml) {
  const pugi::xml_document document = parse_root(domain_xml, "domain");
  const pugi::xml_node mark = find_mark(document.document_element());
  if (!mark) return std::nullopt;
  return mark.attribute("sealed").value();
}

std::string write_template_mark(std::string_view sealed) {
  pugi::xml_document document;
  pugi::xml_node mark = document.append_child("template");
  set(mark, "sealed", sealed);
  return serialize(mark);
}

std::string without_template_mark(std::string_view domain_xml) {
  const pugi::xml_document document = parse_root(domain_xml, "domain");
  const pugi::xml_node mark = find_mark(document.document_element());
  if (!mark) return std::string(domain_xml);
  pugi::xml_node metadata = mark.parent();
  metadata.remove_child(mark);
  if (!metadata.first_child()) metadata.parent().remove_child(metadata);
  return serialize(document.document_element());
}

}  // namespace vmtool::xml
