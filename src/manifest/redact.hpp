#pragma once
// A manifest's text for eyes that may not see everything.

#include <string>
#include <string_view>

namespace vmtool::manifest {

/// The text of a document with the values of userData and networkConfig replaced by their sha256, since it is kept where any
/// local user can read it. Where the way they are written makes their end hard to tell, nothing of the document is left but
/// a comment.
std::string without_secrets(std::string_view text);

}  // namespace vmtool::manifest
