#pragma once
// The default profile: which system calls a container has no business with. Also compiled into the generator that
// makes the ready filter at build time, so it needs nothing but libseccomp.

#include <cstdint>
#include <vector>

namespace vmtool::isolation {

/// The default filter for these capabilities, compiled now. Calls newer than the engine knows answer ENOSYS, so that
/// programs fall back; known dangerous ones answer EPERM. Throws std::runtime_error.
std::vector<std::uint64_t> compile_default_filter(std::uint64_t capabilities);

/// The instructions of a filled libseccomp context (a scmp_filter_ctx). Throws std::runtime_error.
std::vector<std::uint64_t> export_filter(void* context);

}  // namespace vmtool::isolation
