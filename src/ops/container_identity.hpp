#pragma once
// A container's identity inside: its machine-id and its names.

#include "bundle/summary.hpp"
#include "ops/container_home.hpp"

namespace vmtool::ops {

/// Before the first start: writes /etc/machine-id (random), /etc/hostname and /etc/hosts into the upper layer, unless
/// something was written there already, or /etc is no directory in the layers. Throws SysError.
void prepare_identity(const ContainerPaths& paths, const bundle::Summary& summary);

}  // namespace vmtool::ops
