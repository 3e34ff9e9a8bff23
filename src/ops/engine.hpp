#pragma once
// The program `isolate`, which makes containers and keeps them.

#include <string>
#include <vector>

#include "ops/container_home.hpp"
#include "util/command.hpp"

namespace vmtool::ops {

/// The words that start `isolate` on the containers of a home: $VMTOOL_ISOLATE, else the program beside this one, else that
/// of PATH. Throws Error{unavailable} where there is none.
std::vector<std::string> engine_command(const ContainerHome& home, const std::vector<std::string>& words);

/// Runs it to its end.
util::Result run_engine(const ContainerHome& home, const std::vector<std::string>& words, std::string input = {});

/// As run_engine(), but a failure is thrown with the engine's own words and hint.
util::Result run_engine_checked(const ContainerHome& home, const std::vector<std::string>& words,
                                std::string input = {});

}  // namespace vmtool::ops
