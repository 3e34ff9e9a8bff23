#pragma once
// Where vmtool keeps what must outlive a run, and what must not outlive the host's.

#include <filesystem>

namespace vmtool::ops {

/// $VMTOOL_STATE_DIR, else /var/lib/vmtool for root, else $XDG_STATE_HOME/vmtool (~/.local/state/vmtool; XDG Base
/// Directory Specification). It need not exist.
std::filesystem::path state_dir();

/// Where vmtool keeps what ends with the host's life: $VMTOOL_RUN_DIR, else /run/vmtool for root, else $XDG_RUNTIME_DIR/vmtool
/// (/run/vmtool where that is not set). It need not exist.
std::filesystem::path run_dir();

}  // namespace vmtool::ops
