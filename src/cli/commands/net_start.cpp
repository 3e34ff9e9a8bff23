#include "cli/guest_names.hpp"
#include "cli/net_commands.hpp"
#include "ops/networks.hpp"

namespace vmtool::cli {

void add_net_start(Command& net) {
  Command command = net.subcommand("start", "Start networks");
  const auto names = add_names(command, "The networks");
  command.on([names](Session& session) {
    for_each_guest(session, *names, "started network", "active",
                   [&](const std::string& name) { return ops::start_network(session.connection(), name); });
    return 0;
  });
}

}  // namespace vmtool::cli
