#pragma once
// Commands that give the code of the process they ran.

#include <functional>
#include <string>
#include <vector>

#include "cli/session.hpp"

namespace vmtool::cli {

/// Runs `body` and returns its code; an error of vmtool's own is printed and becomes 125, as with other container tools.
int with_shell_code(const Session& session, const std::function<int()>& body);

/// Becomes another program; returns only by an exception.
[[noreturn]] void become(const std::vector<std::string>& words);

}  // namespace vmtool::cli
