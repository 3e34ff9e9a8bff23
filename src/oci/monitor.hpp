#pragma once
// The monitor of a supervised container: one process that is `isolate` while it makes, removes or restarts the container,
// and the keeper (oci/keeper.hpp) the rest of the time.
//
//   isolate supervise ─fork─► monitor: lock, create, start, status ─exec─► keeper: log, console, stop, end
//        ▲ returns when it runs        ▲ delete, status, restart?  ◄─exec─┘

#include <cstdint>
#include <string>

#include "oci/command.hpp"

namespace vmtool::oci {

struct SuperviseOptions {
  std::string id{};
  std::string bundle{};
  std::string directory{};
  std::uint64_t log_size = 16 << 20;
  unsigned log_files = 3;
  std::string restart = "no";
  unsigned stop_timeout = 10;  ///< seconds
  bool adopt = false;
  std::string after{};  ///< the keeper's report, where this is a monitor that goes on
  int lock = -1;        ///< and what it kept open
  int listener = -1;
  unsigned failures = 0;        ///< starts before this one that did not last
  std::int64_t started_ms = 0;  ///< on the monotonic clock
};

/// Makes the container and its monitor; returns 0 when its program runs. Throws Error, or returns the code of the monitor that
/// has told its error itself.
int begin_supervision(const Globals& globals, SuperviseOptions options);

/// The monitor after the keeper. Returns when the container is at its end.
int continue_supervision(const Globals& globals, const SuperviseOptions& options);

}  // namespace vmtool::oci
