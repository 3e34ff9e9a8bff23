#pragma once
// ${NAME} in texts, filled in after the YAML is read, so that a value is always text and never structure.

#include <map>
#include <set>
#include <string>

#include "manifest/faults.hpp"
#include "manifest/node.hpp"

namespace vmtool::manifest {

using Variables = std::map<std::string, std::string>;

/// The tree with every ${NAME} of its values (not of keys) filled in once, and $${ turned to ${. Each NAME that was
/// asked for is added to `used`; one that is missing is a fault, and its node becomes faulty.
NodePtr fill_in(const NodePtr& node, const Variables& variables, std::set<std::string>& used, Faults& faults);

/// Whether a text can be a variable's name: [A-Za-z_][A-Za-z0-9_]*.
bool is_variable_name(std::string_view text);

}  // namespace vmtool::manifest
