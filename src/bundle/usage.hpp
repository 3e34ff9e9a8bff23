#pragma once
// One line of `isolate events --stats`.

#include <cstdint>
#include <optional>
#include <string_view>

namespace vmtool::bundle {

struct Usage {
  std::optional<std::uint64_t> cpu_ns{};  ///< processor time since the start
  std::optional<std::uint64_t> memory_bytes{};
  std::optional<std::uint64_t> memory_limit{};  ///< absent: none
  std::uint64_t processes = 0;
};

/// Absent where the text is no such line.
std::optional<Usage> read_usage(std::string_view text);

}  // namespace vmtool::bundle
