#pragma once
// A YAML document as a tree of texts with their places. Nodes are never changed: merging and filling in variables make
// new ones and share the rest, as aliases share what they refer to.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/source_text.hpp"

namespace vmtool::manifest {

/// A place in a file; the text must outlive it.
struct Place {
  const SourceText* source = nullptr;
  unsigned line = 0;    ///< from 1; 0: the file as a whole
  unsigned column = 0;  ///< from 1, in characters
};

/// The place of a byte (from 0) of a line (from 1).
Place place_of_byte(const SourceText& source, unsigned line, std::size_t byte);

struct Node;
using NodePtr = std::shared_ptr<const Node>;

struct Member {
  std::string key;
  Place place;
  NodePtr value;
};

struct Node {
  enum class Type {
    empty,  ///< nothing, "~" or "null" without quotes
    text,
    list,
    mapping,
    faulty,  ///< something was wrong with it and has been said: nothing more is to be said
  };
  Type type = Type::empty;
  Place place;
  std::string text{};
  std::vector<NodePtr> items{};
  std::vector<Member> members{};  ///< keys are unique
  // Sizes with aliases expanded.
  std::size_t nodes = 1;
  std::size_t bytes = 0;
  unsigned levels = 0;  ///< 0 for text, 1 for a list of texts

  /// The member's value; null where there is no such key.
  const Node* find(std::string_view key) const;
};

/// "a mapping", "a list", "text", "nothing".
std::string_view describe(Node::Type type);

}  // namespace vmtool::manifest
