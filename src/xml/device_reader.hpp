#pragma once
// The <devices> of a domain, as far as the model knows them.

#include <pugixml.hpp>

#include "model/machine.hpp"

namespace vmtool::xml {

/// Fills disks, interfaces, graphics, console, rng and guest agent from <devices>.
/// Disks that are no hard disks (CD-ROM, floppy, lun) and interfaces that are neither on a network nor on a bridge nor of
/// the user kind are not the model's and are left out. A disk has its target as name, its file's name as volume, since
/// nothing says that the machine owns it.
void read_devices(pugi::xml_node domain, model::VirtualMachine& machine);

}  // namespace vmtool::xml
