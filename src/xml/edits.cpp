#include "xml/edits.hpp"

#include <string>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/text.hpp"
#include "xml/document.hpp"

namespace vmtool::xml {
namespace {

using model::XmlEdit;
using util::Errc;
using util::Error;

Error fault(const XmlEdit& edit, std::string_view why) {
  return Error(Errc::invalid_input, fmt::format("xml edit '{}' {}", util::printable(edit.xpath), why));
}

pugi::xpath_node_set select(pugi::xml_node root, const XmlEdit& edit) {
  try {
    return root.select_nodes(edit.xpath.c_str());
  } catch (const pugi::xpath_exception& error) {
    throw fault(edit, fmt::format("is no XPath that selects nodes: {}", error.what()));
  }
}

void set_value(const pugi::xpath_node& found, const XmlEdit& edit) {
  if (found.attribute()) {
    found.attribute().set_value(edit.set->c_str());
  } else if (found.node().type() == pugi::node_element) {
    pugi::xml_node node = found.node();
    node.remove_children();
    node.append_child(pugi::node_pcdata).set_value(edit.set->c_str());
  } else {
    throw fault(edit, "can set attributes and elements only");
  }
}

void add_children(const pugi::xpath_node& found, const XmlEdit& edit) {
  if (found.attribute() || found.node().type() != pugi::node_element) throw fault(edit, "can add to elements only");
  // The wrapping element lets several elements, or text, be added at once; parse() bounds their depth.
  const pugi::xml_document fragment =
      parse(fmt::format("<add>{}</add>", *edit.add), fault(edit, "adds what").message());
  for (const pugi::xml_node child : fragment.document_element().children()) found.node().append_copy(child);
}

void remove(pugi::xml_node root, const pugi::xpath_node& found, const XmlEdit& edit) {
  if (found.attribute()) {
    found.parent().remove_attribute(found.attribute());
  } else if (found.node() == root || found.node() == root.root()) {
    throw fault(edit, "would delete the whole document");
  } else {
    found.node().parent().remove_child(found.node());
  }
}

// What one match replaces or deletes may hold another match: pugixml's nodes are not owned, the inner one would dangle.
bool is_inside_another(const pugi::xpath_node& candidate, const pugi::xpath_node_set& all) {
  for (pugi::xml_node up = candidate.parent(); up; up = up.parent()) {
    for (const pugi::xpath_node& other : all) {
      if (!other.attribute() && other.node() == up) return true;
    }
  }
  return false;
}

}  // namespace

void apply_edits(pugi::xml_node root, const std::vector<XmlEdit>& edits, Missing missing) {
  for (const XmlEdit& edit : edits) {
    const pugi::xpath_node_set all = select(root, edit);
    if (all.empty()) {
      if (missing == Missing::skip) continue;
      throw fault(edit, "selects nothing").hint("'vmtool render' prints the XML that it is applied to");
    }
    std::vector<pugi::xpath_node> found;
    for (const pugi::xpath_node& node : all) {
      if (edit.add || !is_inside_another(node, all)) found.push_back(node);
    }
    for (const pugi::xpath_node& node : found) {
      if (edit.set) {
        set_value(node, edit);
      } else if (edit.add) {
        add_children(node, edit);
      } else if (edit.remove) {
        remove(root, node, edit);
      }
    }
  }
}

}  // namespace vmtool::xml
