#pragma once
// System calls that must not fail.

#include <string>

namespace vmtool::identity {

/// Throws SysError with `what` was being done where the result is negative.
void require_call(int result, const char* what);
/// As require_call; the message names the file.
void require_file_call(int result, const char* what, const std::string& path);

}  // namespace vmtool::identity
