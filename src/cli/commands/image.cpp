#include "cli/commands.hpp"
#include "cli/image_commands.hpp"

namespace vmtool::cli {

void add_image(Grammar& grammar) {
  Command image = grammar.command("image", "Images that machines stand on: build");
  add_image_build(image);
}

}  // namespace vmtool::cli
