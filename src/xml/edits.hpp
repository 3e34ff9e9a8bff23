#pragma once
// The escape hatch: XPath edits of a finished tree.

#include <vector>

#include <pugixml.hpp>

#include "model/xml_edit.hpp"

namespace vmtool::xml {

/// What to do with an edit that selects nothing.
enum class Missing { refuse, skip };

/// Applies the edits in their order, XPath 1.0 from the root element on. A prefix is part of a name here: `qemu:arg`
/// selects what is written so, whatever its namespace.
/// Throws Error{invalid_input} that names the XPath where it is none, selects nothing (unless skipped) or something that
/// the edit can't change, and where what is added is not well-formed.
void apply_edits(pugi::xml_node root, const std::vector<model::XmlEdit>& edits, Missing missing);

}  // namespace vmtool::xml
