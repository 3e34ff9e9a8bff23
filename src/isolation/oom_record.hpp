#pragma once
// What the kernel's log says of processes that were killed for memory, for a cgroup that is removed already.

#include <cstdint>
#include <string>
#include <string_view>

namespace vmtool::isolation {

/// Whether a record of /dev/kmsg tells that a process in the cgroup `path`, or below it, was killed for memory at `since`
/// or later, in microseconds of the kernel's log.
bool tells_oom_kill(std::string_view record, const std::string& path, std::uint64_t since) noexcept;

/// Looks for such a record since the start of a process, in clock ticks since boot. False also where the log can't be read.
bool kernel_logged_oom_kill(const std::string& path, std::uint64_t start_time) noexcept;

}  // namespace vmtool::isolation
