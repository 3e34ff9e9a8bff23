#include <libvirt/libvirt.h>

#include "virt/domain.hpp"
#include "virt/domain_state.hpp"

namespace vmtool::virt {

const char* to_text(DomainState state) noexcept {
  switch (state) {
    case DomainState::running: return "running";
    case DomainState::blocked: return "idle";
    case DomainState::paused: return "paused";
    case DomainState::shutdown: return "in shutdown";
    case DomainState::shutoff: return "shut off";
    case DomainState::crashed: return "crashed";
    case DomainState::pmsuspended: return "pmsuspended";
    case DomainState::unknown: break;
  }
  return "no state";
}

bool is_active(DomainState state) noexcept { return state != DomainState::shutoff && state != DomainState::crashed; }

DomainState domain_state_of(int libvirt_state) noexcept {
  switch (libvirt_state) {
    case VIR_DOMAIN_RUNNING: return DomainState::running;
    case VIR_DOMAIN_BLOCKED: return DomainState::blocked;
    case VIR_DOMAIN_PAUSED: return DomainState::paused;
    case VIR_DOMAIN_SHUTDOWN: return DomainState::shutdown;
    case VIR_DOMAIN_SHUTOFF: return DomainState::shutoff;
    case VIR_DOMAIN_CRASHED: return DomainState::crashed;
    case VIR_DOMAIN_PMSUSPENDED: return DomainState::pmsuspended;
    default: return DomainState::unknown;
  }
}

}  // namespace vmtool::virt
