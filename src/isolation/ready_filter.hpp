#pragma once
// What the build made: the default filter for the default capabilities, and the gate program.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace vmtool::isolation {

/// The default filter, made at build time.
std::vector<std::uint64_t> ready_filter();

/// The sha256 of the default filter: changes with the rules it was made of.
std::string ready_filter_digest();

/// The gate (tools/isolation_build/gate.c).
std::span<const unsigned char> gate_program() noexcept;

}  // namespace vmtool::isolation
