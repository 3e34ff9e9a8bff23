#include "xml/spaces.hpp"

#include <fmt/format.h>

namespace vmtool::xml {

bool is_in_space(pugi::xml_node node, std::string_view space) {
  const std::string_view name = node.name();
  const std::size_t colon = name.find(':');
  const std::string declaration = colon == name.npos ? "xmlns" : fmt::format("xmlns:{}", name.substr(0, colon));
  return node.attribute(declaration.c_str()).value() == space;
}

}  // namespace vmtool::xml
