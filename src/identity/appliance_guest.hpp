#pragma once
// What runs inside the micro-appliance: the only process of a small machine that has the guest's disks, and no network.
//
//   host: vmtool-identity ──► QEMU ──► kernel ──► this program as /init
//             └────────── Channel over a virtio port ──────┘

#include "identity/wire.hpp"

namespace vmtool::identity {

/// Where the initramfs has its kernel modules, in the order in which they are to be loaded; below it, by their names, those of filesystems: under emulation
/// it takes seconds to load one, so that it is only done for what is there.
inline constexpr const char* appliance_modules = "/modules";
/// The name of the virtio port that the channel runs over, and the serials of the disks: "disk0", "disk1" …
inline constexpr const char* appliance_port = "vmtool.identity";
inline constexpr const char* appliance_disk = "disk";

/// Sets the machine up, takes one job over the port, does it and sends its end as a worker does; then powers off.
[[noreturn]] void run_appliance();

}  // namespace vmtool::identity
