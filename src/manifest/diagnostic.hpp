#pragma once
// A complaint about a manifest, with its place.

#include <span>
#include <string>
#include <vector>

#include "util/error.hpp"

namespace vmtool::manifest {

struct Diagnostic {
  std::string file;
  unsigned line = 0;    ///< from 1; 0: the file as a whole
  unsigned column = 0;  ///< from 1, in characters
  std::string message;
  std::string hint;         ///< "did you mean 'memory'?"; may be empty
  std::string source_line;  ///< the text of the line; may be empty
};

/// "file:line:column: error: message", the source line, a caret below the column, the hint. Ends without a newline.
/// Control characters of the file are shown as escapes.
std::string to_text(const Diagnostic& diagnostic);

/// One Error{invalid_input} that carries all of them, one after the other.
util::Error to_error(std::span<const Diagnostic> diagnostics);

}  // namespace vmtool::manifest
