#pragma once
// Builds nodes from yaml-cpp's events, within bounds: the parser's own tree keeps the first of duplicate keys silently
// and shares aliases until someone walks them.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include "manifest/faults.hpp"
#include "manifest/node.hpp"

namespace vmtool::manifest {

/// Thrown through the parser to stop it: the document can't be read any further.
struct Refused {
  Place place;
  std::string message;
  std::string hint;
};

/// What is used up of a file's bounds by all of its documents.
struct Budget {
  std::size_t nodes = 0;
  std::size_t bytes = 0;
  bool is_spent = false;
};

class NodeBuilder final : public YAML::EventHandler {
 public:
  NodeBuilder(const SourceText& source, Segment lines, Budget& budget, Faults& faults)
      : source_(source), lines_(lines), budget_(budget), faults_(faults) {}

  Place place_of(const YAML::Mark& mark) const;
  /// The document's root; null where there was none.
  NodePtr take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { close(); }

 private:
  // A list or mapping that is not complete yet.
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
    std::optional<Member> member{};          // the key that waits for its value
    std::map<std::string, unsigned> keys{};  // seen so far, with their lines
    bool skip = false;                       // the key is at fault: drop its value
  };

  void open(Node::Type type, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor);
  void close();
  void add(Node node, YAML::anchor_t anchor);
  void place_in_parent(NodePtr node);
  void take_key(Open& parent, const NodePtr& key);
  void spend(const Place& place, std::size_t nodes, std::size_t bytes, unsigned levels);
  void check_tag(const Place& place, const std::string& tag);
  Place place_of_nothing(const YAML::Mark& mark) const;

  const SourceText& source_;
  Segment lines_;
  Budget& budget_;
  Faults& faults_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, NodePtr> anchors_;
  NodePtr root_;
};

}  // namespace vmtool::manifest
