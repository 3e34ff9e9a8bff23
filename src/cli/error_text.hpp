#pragma once
// Errors as the user sees them.

#include <string>

#include "cli/session.hpp"
#include "util/error.hpp"

namespace vmtool::cli {

/// "vmtool: error: MESSAGE", a line a step ("  while …"), "  hint: …"; or, for JSON, one record
/// {"error": {kind, message, steps, hint}}. Ends with a newline.
std::string error_text(const util::Error& error, OutputFormat format);

}  // namespace vmtool::cli
