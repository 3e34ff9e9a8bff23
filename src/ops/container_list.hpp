#pragma once
// Every container in a few system calls, without libvirt.

#include <vector>

#include "ops/container_wiring.hpp"
#include "ops/list.hpp"

namespace vmtool::ops {

/// Sorted by name. A container whose files are damaged is listed with state "damaged".
std::vector<ListedGuest> list_containers(const ContainerHome& home, ContainerWiring& wiring);

}  // namespace vmtool::ops
