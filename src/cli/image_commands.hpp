#pragma once
// The commands below `image`; each stands in a file of its own, commands/image_<word>.cpp.

#include "cli/grammar.hpp"

namespace vmtool::cli {

void add_image_build(Command& image);

}  // namespace vmtool::cli
