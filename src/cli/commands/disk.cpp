#include "cli/commands.hpp"
#include "cli/disk_commands.hpp"

namespace vmtool::cli {

void add_disk(Grammar& grammar) {
  Command disk = grammar.command("disk", "Volumes of storage pools: create, info, chain, resize, delete");
  add_disk_create(disk);
  add_disk_info(disk);
  add_disk_chain(disk);
  add_disk_resize(disk);
  add_disk_delete(disk);
}

}  // namespace vmtool::cli
