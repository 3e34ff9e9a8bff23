#pragma once
// Whether the log of an XFS filesystem is empty ("Journaling Log").

#include "identity/xfs_layout.hpp"

namespace vmtool::identity {

/// Whether the newest record says that the filesystem was unmounted, so that nothing waits to be replayed. False wherever that is not certain, also
/// where the log lies on another device.
bool is_log_clean(const XfsLayout& layout);

}  // namespace vmtool::identity
