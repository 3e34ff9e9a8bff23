#pragma once
// Elements in <metadata>, told apart by their namespace: the prefix is the writer's choice.

#include <string_view>

#include <pugixml.hpp>

namespace vmtool::xml {

/// The mark of a machine that is a clone.
inline constexpr const char* clone_mark_space = "urn:vmtool:clone:1";

/// Whether an element that declares its own prefix is in the namespace.
bool is_in_space(pugi::xml_node node, std::string_view space);

}  // namespace vmtool::xml
