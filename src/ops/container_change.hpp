#pragma once
// Changing what a container is called and whether it starts with the host; copying one.

#include <string>
#include <vector>

#include "ops/container_wiring.hpp"
#include "ops/lifecycle.hpp"

namespace vmtool::ops {

/// The host name inside stays. Throws Error{conflict} where the container runs, is protected, or the name is taken.
void rename_container(const ContainerHome& home, const std::string& from, const std::string& to,
                      ContainerWiring& wiring, util::Reporter& reporter);

/// Marks it for start_marked_containers().
Outcome mark_for_autostart(const ContainerHome& home, const std::string& name, bool on, util::Reporter& reporter);

/// The containers that are marked; sorted.
std::vector<std::string> marked_containers(const ContainerHome& home);

/// A copy of what the container is and has written (sharing its blocks where the filesystem can), with a machine-id, a host name
/// and, as far as there are any, SSH host keys and the rest of an identity of its own. Throws Error{conflict} where it runs, or the
/// name is taken.
void clone_container(const ContainerHome& home, const std::string& source, const std::string& name,
                     util::Reporter& reporter);

}  // namespace vmtool::ops
