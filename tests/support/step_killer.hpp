#pragma once
// Kills a program with SIGKILL at a given system call, so that a test can walk all of them.

#include <string>
#include <vector>

namespace vmtool::tests {

/// Runs a program until it is about to make its `number`th system call (from 1), and kills it there. Its children are not
/// stopped. False when it ended before.
bool kill_at_call(const std::vector<std::string>& command, int number);

/// The same with the first child that it forks: that one's calls are counted. False when it ended, or executed another program,
/// before; it lives on then. Waits for the program itself.
bool kill_fork_at_call(const std::vector<std::string>& command, int number);

}  // namespace vmtool::tests
