#include "cli/guest_names.hpp"
#include "cli/net_commands.hpp"
#include "ops/networks.hpp"

namespace vmtool::cli {

void add_net_stop(Command& net) {
  Command command = net.subcommand("stop", "Stop networks; refused while running guests use them");
  const auto names = add_names(command, "The networks");
  const auto force = std::make_shared<bool>(false);
  command.flag("--force", *force, "Stop it although running guests use it: they lose their network");
  command.on([names, force](Session& session) {
    const auto unplug = *force ? ops::Unplug::yes : ops::Unplug::no;
    for_each_guest(session, *names, "stopped network", "inactive",
                   [&](const std::string& name) { return ops::stop_network(session.connection(), name, unplug); });
    return 0;
  });
}

}  // namespace vmtool::cli
