#include "manifest/node_builder.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "util/text.hpp"

namespace vmtool::manifest {

Place NodeBuilder::place_of(const YAML::Mark& mark) const {
  if (mark.is_null()) return {&source_, lines_.first_line, 1};
  // At the end of the text the mark stands behind the last line.
  const unsigned last = std::max(lines_.line_count, 1u) - 1;
  const unsigned line = std::min(static_cast<unsigned>(std::max(mark.line, 0)), last);
  const auto byte = static_cast<unsigned>(mark.line) > last ? source_.line(lines_.first_line + line).size()
                                                            : static_cast<std::size_t>(std::max(mark.column, 0));
  return place_of_byte(source_, lines_.first_line + line, byte);
}

// The mark of nothing is that of the next thing; the place to show is what stands before it.
Place NodeBuilder::place_of_nothing(const YAML::Mark& mark) const {
  if (!open_.empty() && open_.back().member) return open_.back().member->place;
  if (open_.empty() || open_.back().node.type != Node::Type::list) return place_of(mark);
  unsigned line = place_of(mark).line;
  std::size_t limit = static_cast<std::size_t>(std::max(mark.column, 0));
  for (; line > open_.back().node.place.line; --line) {
    const std::string_view before = util::trim(source_.line(line).substr(0, limit));
    if (!before.empty() && before.front() != '#') break;
    limit = std::string_view::npos;
  }
  const auto dash = source_.line(line).substr(0, limit).find_last_not_of(" ,");
  return place_of_byte(source_, line, dash == std::string_view::npos ? 0 : dash);
}

void NodeBuilder::spend(const Place& place, std::size_t nodes, std::size_t bytes, unsigned levels) {
  const auto refuse = [&](std::string message, std::string hint) {
    budget_.is_spent = true;
    throw Refused{place, std::move(message), std::move(hint)};
  };
  budget_.nodes += nodes;
  budget_.bytes += bytes;
  if (open_.size() + levels > most_levels) refuse(fmt::format("more than {} levels of nesting", most_levels), "");
  if (budget_.nodes > most_nodes) {
    refuse(fmt::format("more than {} values in one file, aliases expanded", most_nodes), "split the file");
  }
  if (budget_.bytes > largest_file) {
    refuse(fmt::format("more than {} MiB of text in one file, aliases expanded", largest_file >> 20), "split the file");
  }
}

void NodeBuilder::check_tag(const Place& place, const std::string& tag) {
  // "?" is no tag, "!" that of a quoted text.
  if (tag.empty() || tag == "?" || tag == "!") return;
  faults_.add(place, fmt::format("tag '{}' is not supported", util::printable(tag, 60)),
              "remove it: every key knows its own type");
}

void NodeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  add({.type = Node::Type::empty, .place = place_of_nothing(mark)}, anchor);
}

void NodeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  Node node{.type = Node::Type::text, .place = place_of(mark), .text = value};
  node.bytes = value.size();
  check_tag(node.place, tag);
  add(std::move(node), anchor);
}

void NodeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const Place place = place_of(mark);
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) throw Refused{place, "the alias refers to what it stands in", "write the value out"};
  const NodePtr& node = found->second;
  spend(place, node->nodes, node->bytes, node->levels);
  place_in_parent(node);
}

void NodeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value) {
  open(Node::Type::list, mark, tag, anchor);
}

void NodeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value) {
  open(Node::Type::mapping, mark, tag, anchor);
}

void NodeBuilder::open(Node::Type type, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
  const Place place = place_of(mark);
  check_tag(place, tag);
  spend(place, 1, 0, 1);
  open_.push_back({.node = {.type = type, .place = place}, .anchor = anchor});
}

void NodeBuilder::close() {
  Open done = std::move(open_.back());
  open_.pop_back();
  auto node = std::make_shared<const Node>(std::move(done.node));
  if (done.anchor != 0) anchors_[done.anchor] = node;
  place_in_parent(std::move(node));
}

void NodeBuilder::add(Node node, YAML::anchor_t anchor) {
  spend(node.place, 1, node.bytes, 0);
  auto shared = std::make_shared<const Node>(std::move(node));
  if (anchor != 0) anchors_[anchor] = shared;
  place_in_parent(std::move(shared));
}

void NodeBuilder::place_in_parent(NodePtr node) {
  if (open_.empty()) {
    root_ = std::move(node);
    return;
  }
  Open& parent = open_.back();
  parent.node.nodes += node->nodes;
  parent.node.bytes += node->bytes;
  parent.node.levels = std::max(parent.node.levels, node->levels + 1);
  if (parent.node.type == Node::Type::list) {
    parent.node.items.push_back(std::move(node));
  } else if (!parent.member) {
    take_key(parent, node);
  } else {
    parent.member->value = std::move(node);
    if (!std::exchange(parent.skip, false)) parent.node.members.push_back(std::move(*parent.member));
    parent.member.reset();
  }
}

void NodeBuilder::take_key(Open& parent, const NodePtr& key) {
  parent.member = Member{key->text, key->place, nullptr};
  if (key->type != Node::Type::text) {
    faults_.add(key->place, fmt::format("a key must be text, not {}", describe(key->type)));
    parent.skip = true;
    return;
  }
  const auto [first, is_new] = parent.keys.emplace(key->text, key->place.line);
  if (is_new) return;
  faults_.add(key->place, fmt::format("key '{}' is given twice", util::printable(key->text, 60)),
              fmt::format("it stands in line {} already", first->second));
  parent.skip = true;
}

}  // namespace vmtool::manifest
