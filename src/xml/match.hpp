#pragma once
// Which element of one version of a definition is which of another.

#include <string>
#include <vector>

#include <pugixml.hpp>

namespace vmtool::xml {

/// Whether two elements mean the same: name, attributes in any order, text, child elements in order.
bool is_same_tree(pugi::xml_node a, pugi::xml_node b);

/// Whether `whole` says all that `part` says, and maybe more.
bool holds(pugi::xml_node whole, pugi::xml_node part);

/// The text directly inside an element, without the white space around it.
std::string own_text(pugi::xml_node node);

std::vector<pugi::xml_node> child_elements(pugi::xml_node node);

/// What an element is called among its siblings: its name and what identifies it by libvirt's own rules (the target of a
/// disk, the MAC of an interface …). Siblings with one identity differ by their order only.
std::string identity_of(pugi::xml_node node);

/// One element in three versions; an empty node where a version lacks it.
struct Match {
  pugi::xml_node existing;
  pugi::xml_node base;
  pugi::xml_node wanted;
};

/// Pairs the child elements of three versions of one element: those of `wanted` in their order, then those that only
/// `base` has. What only `existing` has is nobody's business and is left out.
std::vector<Match> match_children(pugi::xml_node existing, pugi::xml_node base, pugi::xml_node wanted);

}  // namespace vmtool::xml
