#pragma once
// model::VirtualMachine ↔ libvirt domain XML (formatdomain.html).

#include <string>
#include <string_view>

#include "model/machine.hpp"

namespace vmtool::xml {

/// Deterministic XML of a machine, two spaces of indent, with the machine's xml edits applied last.
/// What is still open is left out and marked by a comment: no uuid, no MAC, domain type auto (printed as kvm).
/// Throws Error{invalid_input} where an xml edit is no XPath, or selects nothing.
std::string write_domain(const model::VirtualMachine& machine);

/// The machine that a domain's XML describes; whatever the model does not know is left out. Fields that libvirt does not
/// keep (names of disks, labels, …) come from the vmtool metadata where there is one.
/// Throws Error{invalid_input} where it is no domain XML.
model::VirtualMachine read_domain(std::string_view xml);

/// What write_domain would write for a domain that exists: write_domain(read_domain(existing)), but for its xml edits that
/// no longer select anything, which are passed over. This is the `base` of a merge.
std::string rewrite_domain(std::string_view existing);

}  // namespace vmtool::xml
