#pragma once
// The program `vmtool`.

namespace vmtool::cli {

/// Runs one command line; returns the exit code. The only place that turns errors into text and codes.
int run(int argc, char** argv);

}  // namespace vmtool::cli
