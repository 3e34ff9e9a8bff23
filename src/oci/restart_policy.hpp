#pragma once
// When a container that ended is started again, and after how long.

#include <cstdint>
#include <optional>
#include <string_view>

namespace vmtool::oci {

enum class RestartPolicy { no, on_failure, always };

/// "no", "on-failure" or "always".
std::optional<RestartPolicy> find_restart_policy(std::string_view text);

/// Whether a container is started again that ended with `code` (128+n for a signal n; absent: nobody knows it).
bool restarts_after(RestartPolicy policy, std::optional<int> code) noexcept;

/// The pause before the next start in milliseconds: 100, doubling with each of `failures` starts that did not last, 60 s at
/// most.
std::int64_t restart_pause_ms(unsigned failures) noexcept;

/// A container that ran for so long counts as one that started well.
constexpr std::int64_t lasting_run_ms = 10'000;

}  // namespace vmtool::oci
