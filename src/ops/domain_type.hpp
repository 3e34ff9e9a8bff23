#pragma once
// Whether this host can really run guests under KVM.

#include <filesystem>
#include <string>

#include "model/machine.hpp"
#include "util/reporter.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

/// What `domainType: auto` means on the connection's host. Local: kvm only where a kernel boots under it (see probe_kvm);
/// remote: where its domain capabilities offer kvm, with a warning, since nothing was run. Else qemu, with a warning why.
model::DomainType choose_domain_type(const virt::Connection& connection, util::Reporter& reporter);

struct KvmVerdict {
  bool works = false;
  std::string reason;  ///< why not, or what was not tried; empty where a kernel was seen to run
};

/// The verdict for this host, remembered in the run directory until the next boot. A /dev/kvm that opens is not enough: nested
/// and paravirtual ones hang guests. So the host's own kernel is booted under KVM, to its first line on the serial port,
/// for 3 s at most; where no kernel can be read, an open /dev/kvm is believed, and the reason says so.
KvmVerdict kvm_verdict();

/// Throws Error{unavailable} where KVM does not work here, naming the machine that wants it.
void require_kvm(const std::string& machine);

/// Boots `kernel` under KVM and says whether it wrote to its serial port within 3 s.
KvmVerdict probe_kvm(const std::filesystem::path& kernel);

}  // namespace vmtool::ops
