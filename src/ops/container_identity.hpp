#pragma once
// A container's identity inside: its machine-id and its names.

#include <string>
#include <vector>

#include "bundle/summary.hpp"
#include "ops/container_home.hpp"
#include "ops/identity_show.hpp"

namespace vmtool::ops {

/// What makes a container unique: its uuid, its MACs, and what is in its upper layer; what is in the layers below is its image's. A container that
/// is damaged, or goes meanwhile, says so in `unread`.
MachineIdentity identity_of_container(const ContainerHome& home, const std::string& name);

/// The addresses that it has in networks; none where it does not run.
std::vector<std::string> container_addresses(const ContainerHome& home, const std::string& name);

/// Before the first start: writes /etc/machine-id (random), /etc/hostname and /etc/hosts into the upper layer, unless
/// something was written there already, or /etc is no directory in the layers. Throws SysError.
void prepare_identity(const ContainerPaths& paths, const bundle::Summary& summary);

}  // namespace vmtool::ops
