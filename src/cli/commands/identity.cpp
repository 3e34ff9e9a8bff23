#include "cli/commands.hpp"
#include "cli/identity_commands.hpp"

namespace vmtool::cli {

void add_identity(Grammar& grammar) {
  Command identity = grammar.command("identity", "What makes machines unique, inside and around: show, check, reset");
  add_identity_show(identity);
  add_identity_check(identity);
  add_identity_reset(identity);
}

}  // namespace vmtool::cli
