#pragma once
// The helper program: opens the disks, runs the worker, makes what the worker may not make itself.

#include "identity/wire.hpp"

namespace vmtool::identity {

/// Does a job and returns {"report"} or {"restored"}. The calling process must have one thread only, since it forks.
/// Throws util::Error.
Json run_job(const Job& job);

}  // namespace vmtool::identity
