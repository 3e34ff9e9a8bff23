#include "cli/commands.hpp"
#include "cli/guest_names.hpp"
#include "ops/container_lifecycle.hpp"

namespace vmtool::cli {

void add_suspend(Grammar& grammar) {
  Command command =
      grammar.command("suspend", "Pause machines and containers: they keep their memory and stop running");
  const auto names = add_names(command);
  command.on([names](Session& session) {
    for_each_guest(session, *names, "suspended", "paused", [&](const std::string& name) {
      return is_container(name) ? ops::suspend_container(ops::ContainerHome(), name)
                                : ops::suspend(session.connection(), name);
    });
    return 0;
  });
}

}  // namespace vmtool::cli
