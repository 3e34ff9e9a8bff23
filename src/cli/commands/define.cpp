#include "cli/commands.hpp"
#include "cli/define_command.hpp"

namespace vmtool::cli {

void add_define(Grammar& grammar) {
  Command command = grammar.command(
      "define", "Make the host's networks, volumes, images, machines and containers be as manifests say");
  set_up_define(
      command, [](const model::Manifest&) {}, std::make_shared<std::string>());
}

}  // namespace vmtool::cli
