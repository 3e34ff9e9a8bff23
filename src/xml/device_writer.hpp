#pragma once
// The <devices> of a domain.

#include <pugixml.hpp>

#include "model/machine.hpp"

namespace vmtool::xml {

/// Appends <devices>. Disks have targets already.
void write_devices(pugi::xml_node domain, const model::VirtualMachine& machine);

}  // namespace vmtool::xml
