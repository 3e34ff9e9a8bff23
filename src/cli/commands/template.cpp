#include "cli/commands.hpp"
#include "cli/identity_commands.hpp"

namespace vmtool::cli {

void add_template(Grammar& grammar) {
  Command group = grammar.command("template", "Machines that are sources of clones: seal, unseal, list");
  add_template_seal(group);
  add_template_unseal(group);
  add_template_list(group);
}

}  // namespace vmtool::cli
