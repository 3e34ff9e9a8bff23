#include "manifest/flow_scan.hpp"

#include <algorithm>

#include "util/text.hpp"

namespace vmtool::manifest {
namespace {

std::size_t indentation(std::string_view line) { return std::min(line.find_first_not_of(' '), line.size()); }

// The indentation of the node whose value is a block scalar, where the line ends in a block scalar's header.
// Being wrong with "no" only counts too much; being wrong with "yes" would hide what the parser sees.
std::optional<std::size_t> parent_of_block(std::string_view line) {
  std::size_t start = indentation(line);
  std::string_view rest = line.substr(start);
  if (rest.empty() || rest.front() == '#') return std::nullopt;
  rest = util::trim(rest.substr(0, rest.find(" #")));
  std::size_t last_dash = start;
  while (rest.substr(0, 2) == "- ") {
    last_dash = start;
    const std::size_t skip = std::min(rest.find_first_not_of(' ', 1), rest.size());
    start += skip;
    rest.remove_prefix(skip);
  }
  const auto header = rest.find_last_of("|>");
  if (header == std::string_view::npos || rest.find_first_not_of("+-123456789", header + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view key = util::trim(rest.substr(0, header));
  if (key.find_first_of("[]{}") != std::string_view::npos) return std::nullopt;
  if (key.empty()) return last_dash;
  return key.back() == ':' ? std::optional(start) : std::nullopt;
}

}  // namespace

bool FlowScan::is_inside_block(std::string_view line) {
  if (!block_parent_) return false;
  if (util::trim(line).empty()) return true;
  const std::size_t indent = indentation(line);
  if (!block_content_ && indent > *block_parent_) block_content_ = indent;
  if (block_content_ && indent >= *block_content_) return true;
  block_parent_.reset();
  block_content_.reset();
  return false;
}

void FlowScan::feed(std::string_view line) {
  if (is_inside_block(line)) return;
  count_ += static_cast<std::size_t>(std::count_if(
      line.begin(), line.end(), [](char c) { return std::string_view("[]{},").find(c) != std::string_view::npos; }));
  block_parent_ = parent_of_block(line);
}

}  // namespace vmtool::manifest
