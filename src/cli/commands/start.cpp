#include "cli/commands.hpp"
#include "cli/guest_names.hpp"
#include "ops/container_lifecycle.hpp"

namespace vmtool::cli {

void add_start(Grammar& grammar) {
  Command command = grammar.command("start", "Start machines and containers, with the networks and pools that they need");
  const auto names = add_names(command);
  const auto force = std::make_shared<bool>(false);
  command.flag("--force", *force, "Start templates too");
  command.on([names, force](Session& session) {
    for_each_guest(session, *names, "started", "running", [&](const std::string& name) {
      if (is_container(name)) return ops::start_container(ops::ContainerHome(), name);
      return ops::start(session.connection(), name, session.reporter(), *force ? ops::Force::yes : ops::Force::no);
    });
    return 0;
  });
}

}  // namespace vmtool::cli
