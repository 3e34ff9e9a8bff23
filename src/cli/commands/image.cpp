#include "cli/commands.hpp"
#include "cli/image_commands.hpp"

namespace vmtool::cli {

void add_image(Grammar& grammar) {
  Command image =
      grammar.command("image", "Images that guests stand on: pull, import, build, list, verify, delete, prune");
  add_image_pull(image);
  add_image_import(image);
  add_image_build(image);
  add_image_list(image);
  add_image_verify(image);
  add_image_delete(image);
  add_image_prune(image);
}

}  // namespace vmtool::cli
