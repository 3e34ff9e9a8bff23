#include <mutex>

#include "cli/commands.hpp"
#include "cli/containers.hpp"
#include "cli/guest_names.hpp"
#include "ops/container_lifecycle.hpp"

namespace vmtool::cli {

void add_start(Grammar& grammar) {
  Command command =
      grammar.command("start", "Start machines and containers, with the networks and pools that they need");
  const auto names = add_names(command);
  const auto force = std::make_shared<bool>(false);
  command.flag("--force", *force, "Start templates too");
  command.on([names, force](Session& session) {
    Containers containers(session);
    std::mutex machines;
    for_each_guest(session, *names, "started", "running", containers_at_once, [&](const std::string& name) {
      if (containers.home.has(name)) return ops::start_container(containers.home, name, containers.wiring);
      const std::lock_guard one_by_one(machines);
      return ops::start(session.connection(), name, session.reporter(), *force ? ops::Force::yes : ops::Force::no);
    });
    return 0;
  });
}

}  // namespace vmtool::cli
