#pragma once
// The command line of `isolate`.

namespace vmtool::oci {

/// Runs the program; never throws. Returns the exit code: of `run` and `exec` that of the process, 125 for an own
/// error, 126 and 127 as a shell does; of the other commands 1 for an error.
int run(int argc, char** argv) noexcept;

}  // namespace vmtool::oci
