#include "xml/merge.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "xml/document.hpp"
#include "xml/match.hpp"

namespace vmtool::xml {
namespace {

std::string_view value_of(pugi::xml_node node, const char* attribute) { return node.attribute(attribute).value(); }

std::string_view grandchild_value(pugi::xml_node node, const char* child, const char* attribute) {
  return node.child(child).attribute(attribute).value();
}

void merge_attributes(pugi::xml_node existing, pugi::xml_node base, pugi::xml_node wanted) {
  for (const pugi::xml_attribute attribute : base.attributes()) {
    if (!wanted.attribute(attribute.name())) existing.remove_attribute(attribute.name());
  }
  for (const pugi::xml_attribute attribute : wanted.attributes()) {
    const pugi::xml_attribute before = base.attribute(attribute.name());
    if (before && std::string_view(before.value()) == attribute.value()) continue;
    set(existing, attribute.name(), attribute.value());
    // Two ways to say one thing, of which an existing network may use the other.
    if (std::string_view(attribute.name()) == "netmask") existing.remove_attribute("prefix");
  }
}

void merge_text(pugi::xml_node existing, pugi::xml_node base, pugi::xml_node wanted) {
  const std::string_view text = wanted.text().get();
  if (text == base.text().get()) return;
  for (pugi::xml_node child = existing.first_child(); child;) {
    const pugi::xml_node next = child.next_sibling();
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) existing.remove_child(child);
    child = next;
  }
  existing.prepend_child(pugi::node_pcdata).set_value(wanted.text().get());
}

// What others recorded about a device that holds no longer once the device is of another kind.
void drop_stale(pugi::xml_node existing, pugi::xml_node base, pugi::xml_node wanted) {
  const std::string_view name = existing.name();
  if (name == "disk" && grandchild_value(base, "target", "bus") != grandchild_value(wanted, "target", "bus")) {
    existing.remove_child("address");
  }
  if (name == "interface" && grandchild_value(base, "model", "type") != grandchild_value(wanted, "model", "type")) {
    existing.remove_child("address");
  }
  if (name == "os" && !(value_of(base, "firmware") == value_of(wanted, "firmware") &&
                        is_same_tree(base.child("firmware"), wanted.child("firmware")))) {
    existing.remove_child("loader");
    existing.remove_child("nvram");
  }
}

std::string_view chipset_of(pugi::xml_node domain) {
  const std::string_view type = grandchild_value(domain.child("os"), "type", "machine");
  return type.find("q35") != std::string_view::npos ? "q35" : type;
}

// Another chipset has other buses: libvirt lays every device out anew.
void drop_layout(pugi::xml_node domain) {
  for (const char* path : {"./devices/*/address[@type='pci']", "./devices/controller[@type='pci']"}) {
    for (const pugi::xpath_node& found : domain.select_nodes(path)) found.node().parent().remove_child(found.node());
  }
}

// A CPU of another mode keeps nothing: the model and features that libvirt filled in belong to the old mode.
bool is_replaced_whole(pugi::xml_node base, pugi::xml_node wanted) {
  return std::string_view(wanted.name()) == "cpu" && value_of(base, "mode") != value_of(wanted, "mode");
}

pugi::xml_node insert(pugi::xml_node parent, pugi::xml_node after, pugi::xml_node wanted) {
  if (after) return parent.insert_copy_after(wanted, after);
  // Without a sibling of ours before it: beside its like, so that lists stay together.
  const pugi::xml_node like = parent.child(wanted.name());
  return like ? parent.insert_copy_before(wanted, like) : parent.append_copy(wanted);
}

// Where ours changed their order, puts the existing ones of that name in the places that they hold together.
void reorder(pugi::xml_node parent, pugi::xml_node base, const std::vector<Match>& matches) {
  const std::vector<pugi::xml_node> before = child_elements(base);
  const auto place_in_base = [&](pugi::xml_node node) { return std::find(before.begin(), before.end(), node); };
  std::set<std::string> names;
  for (const Match& match : matches) {
    if (match.existing && match.base && match.wanted) names.insert(match.wanted.name());
  }
  for (const std::string& name : names) {
    std::vector<pugi::xml_node> in_wanted_order;
    std::vector<std::vector<pugi::xml_node>::const_iterator> places;
    for (const Match& match : matches) {
      if (!match.existing || !match.base || !match.wanted || name != match.wanted.name()) continue;
      in_wanted_order.push_back(match.existing);
      places.push_back(place_in_base(match.base));
    }
    if (std::is_sorted(places.begin(), places.end())) continue;
    for (std::size_t i = 1; i < in_wanted_order.size(); ++i) {
      in_wanted_order[i] = parent.insert_move_after(in_wanted_order[i], in_wanted_order[i - 1]);
    }
  }
}

// Returns the element that stands there now.
pugi::xml_node merge_element(pugi::xml_node existing, pugi::xml_node base, pugi::xml_node wanted) {
  if (is_same_tree(base, wanted)) return existing;
  if (is_replaced_whole(base, wanted)) {
    const pugi::xml_node fresh = existing.parent().insert_copy_before(wanted, existing);
    existing.parent().remove_child(existing);
    return fresh;
  }
  drop_stale(existing, base, wanted);
  merge_attributes(existing, base, wanted);
  merge_text(existing, base, wanted);
  const std::vector<Match> matches = match_children(existing, base, wanted);
  reorder(existing, base, matches);
  pugi::xml_node after;
  for (const Match& match : matches) {
    if (!match.wanted) {
      if (match.existing) existing.remove_child(match.existing);
    } else if (match.existing) {
      after = merge_element(match.existing, match.base, match.wanted);
    } else if (!match.base || !is_same_tree(match.base, match.wanted)) {
      after = insert(existing, after, match.wanted);
    }
  }
  return existing;
}

// libvirt refuses a domain that orders its boot devices both ways.
void settle_boot_order(pugi::xml_node root) {
  if (root.child("devices").select_node("./*/boot[@order]")) {
    while (root.child("os").remove_child("boot")) {
    }
  }
}

}  // namespace

std::string merge(std::string_view existing, std::string_view base, std::string_view wanted) {
  const pugi::xml_document there = parse(existing, "the existing definition");
  const pugi::xml_document before = parse(base, "the definition as it is");
  const pugi::xml_document after = parse(wanted, "the definition as it shall be");
  if (chipset_of(before.document_element()) != chipset_of(after.document_element()))
    drop_layout(there.document_element());
  merge_element(there.document_element(), before.document_element(), after.document_element());
  settle_boot_order(there.document_element());
  return serialize(there.document_element());
}

bool is_same(std::string_view a, std::string_view b) {
  const pugi::xml_document left = parse(a, "the first XML");
  const pugi::xml_document right = parse(b, "the second XML");
  return is_same_tree(left.document_element(), right.document_element());
}

}  // namespace vmtool::xml
