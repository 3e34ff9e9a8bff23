#pragma once
// libvirt's numbers of states. Private to the room.

#include "virt/domain.hpp"

namespace vmtool::virt {

/// virDomainState as ours.
DomainState domain_state_of(int libvirt_state) noexcept;

}  // namespace vmtool::virt
