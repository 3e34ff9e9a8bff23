#pragma once
// A program that exists in memory only and that nobody can change any more.

#include <span>

#include "util/fd.hpp"

namespace vmtool::isolation {

/// A sealed memory file with the program, open for reading and executing (execveat(2)). Throws SysError.
util::Fd seal_program(const char* name, std::span<const unsigned char> program);

}  // namespace vmtool::isolation
