#pragma once
// What a test must leave as it was: every domain, network, pool, volume and lease, and libvirt's files.

#include <map>
#include <string>

namespace vmtool::tests {

/// One entry a thing, "kind name" → what can be seen of it, e.g. "network default" → "inactive, <its XML>".
/// Logs, caches and what libvirt writes anew at every start of a network are left out.
using HostState = std::map<std::string, std::string>;

/// Asks virsh and looks at libvirt's directories.
HostState take_host_state();

/// Removes every domain, network, volume and pool of qemu:///system whose name starts with `prefix`, whatever state it is
/// in. Does nothing where there is none.
void remove_objects(const std::string& prefix);

/// Makes sure that the pool 'default' exists and is active, so that defining a machine makes none.
void ensure_default_pool();

}  // namespace vmtool::tests
