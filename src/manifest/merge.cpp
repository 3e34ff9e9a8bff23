#include "manifest/merge.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace vmtool::manifest {
namespace {

const std::string* name_of(const Node& item) {
  const Node* name = item.type == Node::Type::mapping ? item.find("name") : nullptr;
  return name != nullptr && name->type == Node::Type::text ? &name->text : nullptr;
}

bool has_named_items(const Node& list) {
  return list.type == Node::Type::list && !list.items.empty() &&
         std::all_of(list.items.begin(), list.items.end(),
                     [](const NodePtr& item) { return name_of(*item) != nullptr; });
}

NodePtr merge_mappings(const Node& base, const Node& own) {
  auto out = std::make_shared<Node>(base);
  out->place = own.place;
  std::map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < base.members.size(); ++i) index.emplace(base.members[i].key, i);
  for (const Member& member : own.members) {
    const auto found = index.find(member.key);
    if (found == index.end()) {
      out->members.push_back(member);
    } else {
      Member& below = out->members[found->second];
      below = {member.key, member.place, merge(below.value, member.value)};
    }
  }
  return out;
}

NodePtr merge_named(const Node& base, const Node& own) {
  auto out = std::make_shared<Node>(base);
  out->place = own.place;
  std::map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < base.items.size(); ++i) index.emplace(*name_of(*base.items[i]), i);
  std::vector<bool> taken(base.items.size());
  for (const NodePtr& item : own.items) {
    const auto found = index.find(*name_of(*item));
    // Two items of one name stay two, so that the rule against it sees them.
    if (found == index.end() || taken[found->second]) {
      out->items.push_back(item);
    } else {
      taken[found->second] = true;
      out->items[found->second] = merge(base.items[found->second], item);
    }
  }
  return out;
}

}  // namespace

NodePtr merge(const NodePtr& base, const NodePtr& own) {
  if (base->type == Node::Type::mapping && own->type == Node::Type::mapping) return merge_mappings(*base, *own);
  if (has_named_items(*base) && has_named_items(*own)) return merge_named(*base, *own);
  return own;
}

NodePtr without(const NodePtr& mapping, std::string_view key) {
  auto out = std::make_shared<Node>(*mapping);
  const auto gone =
      std::remove_if(out->members.begin(), out->members.end(), [&](const Member& member) { return member.key == key; });
  out->members.erase(gone, out->members.end());
  return out;
}

}  // namespace vmtool::manifest
