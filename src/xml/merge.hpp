#pragma once
// Changing an existing definition without losing what others put there.

#include <string>
#include <string_view>

namespace vmtool::xml {

/// Three-way merge of domain or network XML. `base` is what we would write for the object as it is now
/// (write_domain(read_domain(existing))), `wanted` what we would write for the object as it shall be. Where the two
/// agree the existing text stays, whoever wrote it (PCI addresses, aliases, hand-made devices); where they differ,
/// wanted wins. List elements are matched by what identifies them (disk target, interface MAC, …), else by order.
/// The result equals `existing` (after parsing) exactly when base equals wanted.
std::string merge(std::string_view existing, std::string_view base, std::string_view wanted);

/// Whether two XML texts mean the same tree: attribute order and white space between elements are ignored.
bool is_same(std::string_view a, std::string_view b);

}  // namespace vmtool::xml
