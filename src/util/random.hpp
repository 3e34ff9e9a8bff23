#pragma once
// Random bytes from the kernel.

#include <span>

namespace vmtool::util {

/// Fills `out` from getrandom(2). Throws SysError.
void fill_random(std::span<unsigned char> out);

}  // namespace vmtool::util
