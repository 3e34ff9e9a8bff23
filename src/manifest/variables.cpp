#include "manifest/variables.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "util/text.hpp"

namespace vmtool::manifest {
namespace {

constexpr std::size_t longest_text = largest_file;

class Filler {
 public:
  Filler(const Variables& variables, std::set<std::string>& used, Faults& faults)
      : variables_(variables), used_(used), faults_(faults) {}

  NodePtr fill(const NodePtr& node);

 private:
  NodePtr fill_text(const NodePtr& node);
  bool append_variable(const Node& node, std::string_view inside, std::string& out);

  const Variables& variables_;
  std::set<std::string>& used_;
  Faults& faults_;
};

NodePtr Filler::fill(const NodePtr& node) {
  if (node->type == Node::Type::text) return fill_text(node);
  if (node->items.empty() && node->members.empty()) return node;
  auto copy = std::make_shared<Node>(*node);
  bool changed = false;
  const auto refill = [&](NodePtr& child) {
    NodePtr filled = fill(child);
    changed = changed || filled != child;
    child = std::move(filled);
  };
  for (NodePtr& item : copy->items) refill(item);
  for (Member& member : copy->members) refill(member.value);
  return changed ? NodePtr(std::move(copy)) : node;
}

NodePtr Filler::fill_text(const NodePtr& node) {
  std::string_view rest = node->text;
  if (rest.find("${") == std::string_view::npos) return node;
  auto copy = std::make_shared<Node>(*node);
  std::string out;
  bool good = true;
  for (auto at = rest.find("${"); at != std::string_view::npos; at = rest.find("${")) {
    if (at > 0 && rest[at - 1] == '$') {
      out += rest.substr(0, at - 1);
      out += "${";
      rest.remove_prefix(at + 2);
      continue;
    }
    out += rest.substr(0, at);
    const auto end = rest.find('}', at);
    const auto inside = rest.substr(at + 2, end == std::string_view::npos ? end : end - at - 2);
    good = append_variable(*node, inside, out) && good;
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  out += rest;
  copy->text = std::move(out);
  if (!good) copy->type = Node::Type::faulty;
  return copy;
}

bool Filler::append_variable(const Node& node, std::string_view inside, std::string& out) {
  if (!is_variable_name(inside)) {
    faults_.add(node.place, fmt::format("'${{{}}}' is not a variable", util::printable(inside, 40)),
                "a name is letters, digits and '_'; write $${ for the two characters themselves");
    return false;
  }
  const std::string name(inside);
  used_.insert(name);
  const auto found = variables_.find(name);
  if (found == variables_.end()) {
    faults_.add(node.place, fmt::format("variable '{}' is not set", util::printable(name, 60)),
                fmt::format("give it with --set {}=VALUE", util::printable(name, 60)));
    return false;
  }
  if (out.size() + found->second.size() > longest_text) {
    faults_.add(node.place, fmt::format("the text is longer than {} MiB once it is filled in", longest_text >> 20));
    return false;
  }
  out += found->second;
  return true;
}

}  // namespace

bool is_variable_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

NodePtr fill_in(const NodePtr& node, const Variables& variables, std::set<std::string>& used, Faults& faults) {
  return Filler(variables, used, faults).fill(node);
}

}  // namespace vmtool::manifest
