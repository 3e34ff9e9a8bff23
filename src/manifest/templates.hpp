#pragma once
// Templates: documents that others inherit from by `base: NAME`.

#include <deque>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "manifest/faults.hpp"
#include "manifest/node.hpp"

namespace vmtool::manifest {

/// Finds, reads and keeps templates. Must outlive the places of what it gives out.
class Templates {
 public:
  explicit Templates(std::vector<std::filesystem::path> folders) : folders_(std::move(folders)) {}

  /// The mapping with everything that it inherits merged in and its `base` removed; null where that is at fault.
  NodePtr resolve(const NodePtr& mapping, Faults& faults);
  /// The texts that were read, in their order.
  const std::deque<SourceText>& texts() const noexcept { return texts_; }

 private:
  NodePtr resolve_below(const NodePtr& mapping, std::vector<std::string>& chain, Faults& faults);
  NodePtr load(const std::string& name, const Place& place, Faults& faults);
  NodePtr read(const std::filesystem::path& file, const Place& place, Faults& faults);
  std::string hint_for_missing(const std::string& name) const;

  std::vector<std::filesystem::path> folders_;
  std::deque<SourceText> texts_;
  std::map<std::string, NodePtr> loaded_;
};

}  // namespace vmtool::manifest
