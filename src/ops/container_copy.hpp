#pragma once
// Files between the host and a container that runs.

#include <string>

#include "ops/container_home.hpp"
#include "util/reporter.hpp"

namespace vmtool::ops {

/// Copies a file, or a directory with all that is in it, from `inside` (absolute, as the container sees it) to `outside`; into it
/// where that is a directory. Symbolic links are copied as they are, and resolved inside the container alone; devices, sockets,
/// pipes and other mounts are left out with a warning. Owners become the caller. Throws SysError, Error{conflict} where it does
/// not run.
void copy_out_of_container(const ContainerHome& home, const std::string& name, const std::string& inside,
                           const std::string& outside, util::Reporter& reporter);

/// The other way round; owners become the container's root.
void copy_into_container(const ContainerHome& home, const std::string& name, const std::string& outside,
                         const std::string& inside, util::Reporter& reporter);

}  // namespace vmtool::ops
