#pragma once
// What a container wrote, as its monitor kept it: lines "TIME STREAM F|P TEXT" (CRI logging), rotated to log.1, log.2 …

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ops/container_home.hpp"

namespace vmtool::ops {

struct LogLine {
  std::string_view time{};    ///< RFC 3339
  std::string_view stream{};  ///< "stdout" or "stderr"
  bool is_whole = true;       ///< its end follows; else the next line of the stream goes on with it
  std::string_view text{};
};
/// Absent where the text is no such line.
std::optional<LogLine> parse_log_line(std::string_view line);

struct LogWishes {
  bool follow = false;              ///< go on until the container ends
  std::optional<std::size_t> tail;  ///< only the last lines
};
/// Calls `sink` for each line, oldest first. It returns false to stop.
using LogSink = std::function<bool(const LogLine&)>;
void read_log(const ContainerHome& home, const std::string& name, const LogWishes& wishes, const LogSink& sink);

}  // namespace vmtool::ops
