#pragma once
// Device names of disks as libvirt and the guest see them (formatdomain.html, target dev).

#include <string>

#include "model/machine.hpp"

namespace vmtool::model {

/// The name of disk number `index` (from 0) after a prefix, in base 26: "vd", 0 → "vda", 26 → "vdaa".
std::string target_name(std::string_view prefix, unsigned index);

/// Gives each disk without a target the first free name of its bus (vd… for virtio, sd… for the others), in order.
/// Names that are assigned already stay, so that a disk keeps its name when others come and go.
void assign_targets(VirtualMachine& machine);

/// The libvirt name of the disk's volume: the volume's own, or "<machine>-<disk>.<format>" where the machine owns it.
std::string volume_name(const VirtualMachine& machine, const Disk& disk);

}  // namespace vmtool::model
