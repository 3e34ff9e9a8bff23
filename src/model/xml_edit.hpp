#pragma once
// The escape hatch of a manifest: edits of the finished XML.

#include <optional>
#include <string>

namespace vmtool::model {

/// One XPath edit, applied after everything else, in the order of the list. Exactly one of the three is given.
struct XmlEdit {
  std::string xpath;  ///< relative to the root element; must select something, e.g. ./devices/memballoon/@model
  std::optional<std::string> set;  ///< new value of the attributes or text of the elements that are selected
  std::optional<std::string> add;  ///< XML that is appended to each selected element
  bool remove = false;             ///< removes what is selected (key `delete`)
  friend bool operator==(const XmlEdit&, const XmlEdit&) = default;
};

}  // namespace vmtool::model
