#pragma once
// A user's seccomp profile, compiled by libseccomp.

#include <string>

#include "isolation/seccomp.hpp"

namespace vmtool::isolation {

/// Compiles. Throws Error{invalid_input} that names what is unknown.
FilterProgram compile_profile(const SeccompProfile& profile);

/// Version of libseccomp and the native architecture: part of the key of a cached filter.
std::string library_identity();

}  // namespace vmtool::isolation
