#include "xml/match.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "util/text.hpp"

namespace vmtool::xml {
namespace {

using Nodes = std::vector<pugi::xml_node>;

std::string attribute_of(pugi::xml_node node, const char* path, const char* name) {
  const pugi::xml_node at = path == nullptr ? node : node.child(path);
  return at.attribute(name).value();
}

std::string host_identity(pugi::xml_node node) {
  for (const char* name : {"mac", "name", "ip"}) {
    if (node.attribute(name)) return node.attribute(name).value();
  }
  return {};
}

struct Rule {
  std::string_view element;
  const char* child;  // nullptr: the element itself
  const char* attribute;
};

// From formatdomain.html and formatnetwork.html: what libvirt itself looks a device up by.
constexpr Rule rules[] = {
    {"disk", "target", "dev"},
    {"interface", "mac", "address"},
    {"channel", "target", "name"},
    {"graphics", nullptr, "type"},
    {"input", nullptr, "type"},
    {"feature", nullptr, "name"},
    {"timer", nullptr, "name"},
    {"range", nullptr, "start"},
    {"ip", nullptr, "family"},
    {"filesystem", "target", "dir"},
    {"boot", nullptr, "dev"},
    {"vmtool:disk", nullptr, "name"},
    {"vmtool:interface", nullptr, "name"},
    {"vmtool:label", nullptr, "name"},
};

bool same_attributes(pugi::xml_node a, pugi::xml_node b) {
  return std::distance(a.attributes_begin(), a.attributes_end()) ==
             std::distance(b.attributes_begin(), b.attributes_end()) &&
         std::all_of(a.attributes_begin(), a.attributes_end(), [&](const pugi::xml_attribute& attribute) {
           const pugi::xml_attribute other = b.attribute(attribute.name());
           return other && std::string_view(other.value()) == attribute.value();
         });
}

// An interface whose only news is its MAC is still the same card in the same slot.
bool differ_by_mac_only(pugi::xml_node a, pugi::xml_node b) {
  if (std::string_view(a.name()) != "interface" || std::string_view(b.name()) != "interface") return false;
  pugi::xml_document copies;
  for (const pugi::xml_node node : {a, b}) copies.append_copy(node).remove_child("mac");
  return is_same_tree(copies.first_child(), copies.last_child());
}

// What may stand several times and has nothing to be told apart by: it is matched by its content or not at all.
bool is_anonymous(std::string_view name) {
  constexpr std::string_view names[] = {"hostdev", "redirdev",    "sound",    "shmem",
                                        "memory",  "vmtool:edit", "qemu:arg", "route"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

enum class Fit { whole, any };

// Takes a node out of the group: the first that holds all of `like`, or where any fits, the first.
pugi::xml_node take(Nodes& group, pugi::xml_node like, Fit fit) {
  auto found = fit == Fit::any
                   ? group.begin()
                   : std::find_if(group.begin(), group.end(), [&](pugi::xml_node node) { return holds(node, like); });
  if (found == group.end()) return {};
  const pugi::xml_node node = *found;
  group.erase(found);
  return node;
}

using Groups = std::map<std::string, Nodes>;

Groups groups_of(pugi::xml_node parent) {
  Groups groups;
  for (const pugi::xml_node node : child_elements(parent)) groups[identity_of(node)].push_back(node);
  return groups;
}

void pair_renumbered(std::vector<Match>& matches) {
  for (Match& gone : matches) {
    if (gone.wanted || !gone.base) continue;
    for (Match& fresh : matches) {
      if (fresh.base || fresh.existing || !fresh.wanted || !differ_by_mac_only(gone.base, fresh.wanted)) continue;
      fresh.base = gone.base;
      fresh.existing = gone.existing;
      gone = {};
      break;
    }
  }
  const auto is_void = [](const Match& match) { return !match.base && !match.wanted; };
  matches.erase(std::remove_if(matches.begin(), matches.end(), is_void), matches.end());
}

}  // namespace

Nodes child_elements(pugi::xml_node node) {
  Nodes out;
  for (const pugi::xml_node child : node.children()) {
    if (child.type() == pugi::node_element) out.push_back(child);
  }
  return out;
}

std::string own_text(pugi::xml_node node) {
  std::string text;
  for (const pugi::xml_node child : node.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) text += child.value();
  }
  return std::string(util::trim(text));
}

bool is_same_tree(pugi::xml_node a, pugi::xml_node b) {
  if (std::string_view(a.name()) != b.name() || !same_attributes(a, b) || own_text(a) != own_text(b)) return false;
  const Nodes left = child_elements(a);
  const Nodes right = child_elements(b);
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), is_same_tree);
}

bool holds(pugi::xml_node whole, pugi::xml_node part) {
  if (std::string_view(whole.name()) != part.name() || own_text(whole) != own_text(part)) return false;
  for (const pugi::xml_attribute attribute : part.attributes()) {
    const pugi::xml_attribute other = whole.attribute(attribute.name());
    if (!other || std::string_view(other.value()) != attribute.value()) return false;
  }
  const Nodes candidates = child_elements(whole);
  const Nodes parts = child_elements(part);
  return std::all_of(parts.begin(), parts.end(), [&](pugi::xml_node child) {
    return std::any_of(candidates.begin(), candidates.end(), [&](pugi::xml_node other) { return holds(other, child); });
  });
}

std::string identity_of(pugi::xml_node node) {
  const std::string name = node.name();
  if (name == "host") return fmt::format("{} {}", name, host_identity(node));
  if (name == "hostname") return fmt::format("{} {}", name, own_text(node));
  if (name == "forwarder")
    return fmt::format("{} {} {}", name, node.attribute("addr").value(), node.attribute("domain").value());
  if (name == "controller")
    return fmt::format("{} {} {}", name, node.attribute("type").value(), node.attribute("index").value());
  // The network's <forward> holds interfaces too, which are told apart by their device.
  if (name == "interface" && node.attribute("dev")) return fmt::format("{} {}", name, node.attribute("dev").value());
  for (const Rule& rule : rules) {
    if (name == rule.element) return fmt::format("{} {}", name, attribute_of(node, rule.child, rule.attribute));
  }
  return name;
}

std::vector<Match> match_children(pugi::xml_node existing, pugi::xml_node base, pugi::xml_node wanted) {
  Groups in_existing = groups_of(existing);
  Groups in_base = groups_of(base);
  std::vector<Match> matches;
  for (const pugi::xml_node node : child_elements(wanted)) matches.push_back({{}, {}, node});
  for (const Fit fit : {Fit::whole, Fit::any}) {
    for (Match& match : matches) {
      if (!match.base) match.base = take(in_base[identity_of(match.wanted)], match.wanted, fit);
    }
  }
  for (const pugi::xml_node node : child_elements(base)) {
    const Nodes& left = in_base[identity_of(node)];
    if (std::find(left.begin(), left.end(), node) != left.end()) matches.push_back({{}, node, {}});
  }
  for (const Fit fit : {Fit::whole, Fit::any}) {
    for (Match& match : matches) {
      if (match.base && !match.existing) match.existing = take(in_existing[identity_of(match.base)], match.base, fit);
    }
  }
  // What is new may be there already by another's hand.
  for (Match& match : matches) {
    if (match.base) continue;
    const Fit fit = is_anonymous(match.wanted.name()) ? Fit::whole : Fit::any;
    match.existing = take(in_existing[identity_of(match.wanted)], match.wanted, fit);
  }
  pair_renumbered(matches);
  return matches;
}

}  // namespace vmtool::xml
