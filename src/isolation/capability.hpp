#pragma once
// Capabilities by name (capabilities(7)) and the sets a process of a container starts with.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "isolation/failure.hpp"
#include "isolation/spec.hpp"

namespace vmtool::isolation {

/// The number of "CAP_CHOWN" (also "chown", any case); absent when there is none of that name.
std::optional<unsigned> find_capability(std::string_view name);

/// "CAP_CHOWN" of a number; empty when there is no name for it.
std::string_view capability_name(unsigned number) noexcept;

/// All names, in the order of their numbers.
std::vector<std::string> capability_names();

/// The mask with only this capability.
constexpr std::uint64_t capability_bit(unsigned number) noexcept { return std::uint64_t{1} << number; }

/// The set that containers get by default: what a service needs to drop privileges and bind ports, nothing that
/// reaches the host.
std::uint64_t default_capabilities() noexcept;

/// The bounding set of the calling process (PR_CAPBSET_READ).
std::uint64_t own_bounding_set() noexcept;

/// Drops from the bounding set what is not in `keep`; runs in the child, before the change of user.
Outcome drop_bounding_set(std::uint64_t keep) noexcept;

/// Sets permitted, effective and inheritable, then ambient; runs in the child, after the change of user.
Outcome set_capabilities(const Capabilities& sets) noexcept;

}  // namespace vmtool::isolation
