#include "cli/commands.hpp"
#include "cli/guest_names.hpp"
#include "cli/stop_options.hpp"
#include "ops/container_lifecycle.hpp"

namespace vmtool::cli {

void add_stop(Grammar& grammar) {
  Command command = grammar.command("stop", "Stop machines and containers: ask the guest first, pull the plug after the time-out");
  const auto names = add_names(command);
  const auto flags = StopFlags::add_to(command);
  command.on([names, flags](Session& session) {
    const ops::StopOptions options = flags->options();
    for_each_guest(session, *names, "stopped", "off", [&](const std::string& name) {
      if (is_container(name)) return ops::stop_container(ops::ContainerHome(), name, options, session.reporter());
      return ops::stop(session.connection(), name, options, session.reporter());
    });
    return 0;
  });
}

}  // namespace vmtool::cli
