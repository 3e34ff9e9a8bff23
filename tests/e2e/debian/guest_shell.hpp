#pragma once
// A shell inside of a machine, through QEMU's guest agent.

#include <chrono>
#include <string>

namespace vmtool::tests {

/// Waits until the agent of the machine answers; false where it does not in time.
bool wait_for_agent(const std::string& machine, std::chrono::seconds limit);

/// What a shell command writes inside of the machine, without the space at its end. Fails the test where the agent does not answer.
std::string inside(const std::string& machine, const std::string& command);

}  // namespace vmtool::tests
