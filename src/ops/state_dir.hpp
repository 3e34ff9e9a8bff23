#pragma once
// Where vmtool keeps what must outlive a run.

#include <filesystem>

namespace vmtool::ops {

/// $VMTOOL_STATE_DIR, else /var/lib/vmtool for root, else $XDG_STATE_HOME/vmtool (~/.local/state/vmtool; XDG Base
/// Directory Specification). It need not exist.
std::filesystem::path state_dir();

}  // namespace vmtool::ops
