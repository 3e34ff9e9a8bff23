#pragma once
// XML text ↔ pugixml trees, for this room only.

#include <string>
#include <string_view>

#include <pugixml.hpp>

namespace vmtool::xml {

/// Levels of elements that are read; more is no document of libvirt's.
constexpr int max_depth = 128;

/// White space between elements: layout only, or part of what must come out again.
enum class Spaces { dropped, kept };

/// Parses XML text. `what` names it in errors, e.g. "domain XML".
/// Throws Error{invalid_input} where it is not well-formed or nests deeper than max_depth.
pugi::xml_document parse(std::string_view text, std::string_view what, Spaces spaces = Spaces::dropped);

/// As parse(); also throws where the root element is not `root`.
pugi::xml_document parse_root(std::string_view text, std::string_view root, Spaces spaces = Spaces::dropped);

/// Text of an element and everything in it: two spaces of indent, single quotes as libvirt writes them, so that any
/// parser gives back the same characters, line ends included.
/// Throws Error{invalid_input} where a value holds what XML 1.0 can't (section 2.2: control characters, no UTF-8).
std::string serialize(const pugi::xml_node& root);

/// Appends an element; the overload with text gives it that text.
pugi::xml_node append(pugi::xml_node parent, const char* name);
pugi::xml_node append(pugi::xml_node parent, const char* name, std::string_view text);

/// Sets an attribute, new ones at the end.
void set(pugi::xml_node node, const char* name, std::string_view value);

/// Appends a comment.
void remark(pugi::xml_node parent, std::string_view text);

}  // namespace vmtool::xml
