#pragma once
// A domain's <cpu>.

#include <pugixml.hpp>

#include "model/machine.hpp"

namespace vmtool::xml {

/// Appends <cpu>, unless everything in it is the hypervisor's own choice.
void write_cpu(pugi::xml_node domain, const model::VirtualMachine& machine);

/// Reads <vcpu> and <cpu>.
model::Cpu read_cpu(pugi::xml_node domain);

}  // namespace vmtool::xml
