#pragma once
// Inheritance between two documents.

#include "manifest/node.hpp"

namespace vmtool::manifest {

/// `own` on top of `base`: mappings merge key by key, lists whose items are all mappings with a name merge by name (the
/// base's order first), everything else is replaced.
NodePtr merge(const NodePtr& base, const NodePtr& own);

/// The mapping without one of its keys.
NodePtr without(const NodePtr& mapping, std::string_view key);

}  // namespace vmtool::manifest
