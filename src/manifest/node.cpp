#include "manifest/node.hpp"

#include <algorithm>

namespace vmtool::manifest {

Place place_of_byte(const SourceText& source, unsigned line, std::size_t byte) {
  const std::string_view before = source.line(line).substr(0, byte);
  const auto characters = std::count_if(before.begin(), before.end(),
                                        [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; });
  return {&source, line, static_cast<unsigned>(characters) + 1};
}

const Node* Node::find(std::string_view key) const {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const Member& member) { return member.key == key; });
  return found == members.end() ? nullptr : found->value.get();
}

std::string_view describe(Node::Type type) {
  switch (type) {
    case Node::Type::text: return "text";
    case Node::Type::list: return "a list";
    case Node::Type::mapping: return "a mapping";
    case Node::Type::empty:
    case Node::Type::faulty: break;
  }
  return "nothing";
}

}  // namespace vmtool::manifest
