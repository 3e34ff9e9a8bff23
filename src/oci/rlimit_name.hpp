#pragma once
// Resource limits by name (setrlimit(2)).

#include <optional>
#include <string_view>

namespace vmtool::oci {

/// The number of "RLIMIT_NOFILE"; absent when there is none of that name.
std::optional<int> find_rlimit(std::string_view name) noexcept;

}  // namespace vmtool::oci
