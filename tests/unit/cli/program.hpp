#pragma once
// The program itself, run as a user runs it.

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "util/command.hpp"

namespace vmtool::tests {

/// Runs `vmtool WORDS…` with a closed terminal.
inline util::Result vmtool(std::vector<std::string> words, const std::string& input = "") {
  const char* program = std::getenv("VMTOOL_PROGRAM");
  words.insert(words.begin(), program != nullptr ? program : "vmtool");
  util::Command command{std::move(words)};
  command.input = input;
  return util::run(command);
}

}  // namespace vmtool::tests
