#pragma once
// A look at the shape of YAML text before the parser sees it.

#include <cstddef>
#include <optional>
#include <string_view>

namespace vmtool::manifest {

/// A file of 100,000 nodes in flow style stays below; the parser needs about 350 bytes for each.
inline constexpr std::size_t most_flow_punctuation = 200'000;

/// Counts the characters "[]{}," outside of block scalars (YAML 1.2, 8.1), line by line. Quoted and plain text counts
/// too: telling it apart needs a whole YAML scanner, and the bound is far above what text holds.
class FlowScan {
 public:
  void feed(std::string_view line);
  std::size_t count() const noexcept { return count_; }

 private:
  bool is_inside_block(std::string_view line);

  std::size_t count_ = 0;
  std::optional<std::size_t> block_parent_;   // indentation of the node that holds the block scalar we are in
  std::optional<std::size_t> block_content_;  // indentation of its first line
};

}  // namespace vmtool::manifest
