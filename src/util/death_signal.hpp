#pragma once
// Children that must not outlive the process that forked them.

#include <sys/types.h>

namespace vmtool::util {

/// Called by a child right after fork(2), with the pid that its parent noted before: from now on the kernel kills it when the thread that forked
/// it ends (PR_SET_PDEATHSIG, prctl(2)). False where that has failed or the parent was gone already, of which no signal will tell: then the child
/// has to end. Both must be in one pid namespace. Async-signal-safe.
bool die_with_parent(pid_t parent) noexcept;

}  // namespace vmtool::util
