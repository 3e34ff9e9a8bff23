#include "cli/commands.hpp"
#include "cli/containers.hpp"
#include "cli/guest_names.hpp"
#include "cli/stop_options.hpp"
#include "ops/container_lifecycle.hpp"

namespace vmtool::cli {

void add_restart(Grammar& grammar) {
  Command command = grammar.command(
      "restart", "Stop machines and containers and start them again, so that changes of their definition take effect");
  const auto names = add_names(command);
  const auto flags = StopFlags::add_to(command);
  command.on([names, flags](Session& session) {
    const ops::StopOptions options = flags->options();
    Containers containers(session);
    for_each_guest(session, *names, "restarted", "running", [&](const std::string& name) {
      if (containers.home.has(name))
        ops::restart_container(containers.home, name, options, containers.wiring, session.reporter());
      else ops::restart(session.connection(), name, options, session.reporter());
      return ops::Outcome::done;
    });
    return 0;
  });
}

}  // namespace vmtool::cli
