#pragma once
// Renews the identity of a system whose tree can be reached, whatever holds it.

#include <vector>

#include "identity/guest_fs.hpp"
#include "identity/host_keys.hpp"
#include "identity/options.hpp"
#include "identity/plan.hpp"
#include "identity/report.hpp"

namespace vmtool::identity {

/// Plans for whatever tree holds the system.
Plan plan_for(GuestTree& tree, const Options& options, KeySource& keys, Mode mode);

/// Plans from what was read.
Plan plan_of(const Facts& facts, const Options& options, KeySource& keys, Mode mode);

/// Throws Error{internal} where the tree does not show the edits.
void require_applied(GuestTree& tree, const std::vector<Edit>& edits);

/// Plans, and makes the changes one after the other: after a throw in the middle of them some are made, and another run
/// makes the rest. Changes are on stable storage once the filesystems were told to finish.
Report renew_tree(GuestTree& tree, const Options& options, KeySource& keys, Mode mode);

/// The same for a directory that holds a root filesystem, or the upper layer of a container.
Report renew_directory(GuestFs& directory, const Options& options, KeySource& keys, Mode mode);

}  // namespace vmtool::identity
