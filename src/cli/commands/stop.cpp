#include <mutex>

#include "cli/commands.hpp"
#include "cli/containers.hpp"
#include "cli/guest_names.hpp"
#include "cli/stop_options.hpp"
#include "ops/container_lifecycle.hpp"

namespace vmtool::cli {

void add_stop(Grammar& grammar) {
  Command command =
      grammar.command("stop", "Stop machines and containers: ask the guest first, pull the plug after the time-out");
  const auto names = add_names(command);
  const auto flags = StopFlags::add_to(command);
  command.on([names, flags](Session& session) {
    const ops::StopOptions options = flags->options();
    Containers containers(session);
    std::mutex machines;
    for_each_guest(session, *names, "stopped", "off", containers_at_once, [&](const std::string& name) {
      if (containers.home.has(name))
        return ops::stop_container(containers.home, name, options, containers.wiring, session.reporter());
      const std::lock_guard one_by_one(machines);
      return ops::stop(session.connection(), name, options, session.reporter());
    });
    return 0;
  });
}

}  // namespace vmtool::cli
