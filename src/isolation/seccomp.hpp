#pragma once
// The filter of system calls a container runs under. The default one is made at build time; others are compiled once
// by libseccomp and kept in the run directory. Layout of a cached filter: <sha256>.bpf, sock_filter after sock_filter.

#include <cstdint>
#include <string>
#include <vector>

#include "isolation/spec.hpp"

namespace vmtool::isolation {

/// A program of sock_filter instructions, one word each.
using FilterProgram = std::vector<std::uint64_t>;

/// The filter for these capabilities: what a capability unlocks in the kernel is not filtered for who holds it.
/// The default set of capabilities needs no compilation and no cache.
FilterProgram default_filter(std::uint64_t capabilities, const std::string& cache_directory);

/// The filter of a user's profile. Throws Error{invalid_input} that names an unknown call, action or operator.
FilterProgram profile_filter(const SeccompProfile& profile, const std::string& cache_directory);

/// SECCOMP_FILTER_FLAG_* by name. Throws Error{invalid_input}.
unsigned filter_flags(const SeccompProfile& profile);

/// Whether the profile allows everything, so that no filter is needed.
bool allows_everything(const SeccompProfile& profile) noexcept;

/// Names for `features`.
std::vector<std::string> seccomp_actions();
std::vector<std::string> seccomp_operators();
std::vector<std::string> seccomp_architectures();

}  // namespace vmtool::isolation
