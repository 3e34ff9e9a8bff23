#pragma once
// Signals by name or number (signal(7)).

#include <optional>
#include <string_view>

namespace vmtool::oci {

/// The number of "TERM", "SIGTERM", "15", "RTMIN+3"; absent when there is no such signal.
std::optional<int> find_signal(std::string_view text);

}  // namespace vmtool::oci
