#pragma once
// The status.json that a container's monitor keeps (`isolate supervise`), or `vmtool run` for one in the foreground.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vmtool::bundle {

struct Status {
  std::string state{};  ///< "running", "restarting", "exited"
  int pid = 0;          ///< of the container's first process; 0: none
  int monitor_pid = 0;
  std::uint64_t monitor_start_time = 0;  ///< field 22 of /proc/PID/stat (proc(5))
  std::string started_at{};              ///< RFC 3339; empty: never
  std::string finished_at{};
  std::optional<int> exit_code{};
  int signal = 0;  ///< that ended it; 0: none
  bool out_of_memory = false;
  std::uint64_t restarts = 0;
};

/// Absent where the text is no such document.
std::optional<Status> read_status(std::string_view text);

/// The document, for a container that is its own process's foreground.
std::string write_status(const Status& status);

}  // namespace vmtool::bundle
