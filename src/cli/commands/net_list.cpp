#include "cli/net_commands.hpp"
#include "cli/output.hpp"
#include "ops/networks.hpp"

namespace vmtool::cli {

void add_net_list(Command& net) {
  Command command = net.subcommand("list", "List every network of the host");
  command.on([](Session& session) {
    Listing listing{"networks",
                    {field("NAME", "name"), field("STATE", "state"), field("AUTOSTART", "autostart"),
                     field("FORWARD", "forward"), field("BRIDGE", "bridge"), field("SUBNETS", "subnets")},
                    {}};
    for (const ops::ListedNetwork& network : ops::list_networks(session.connection())) {
      listing.rows.push_back({{"name", network.name},
                              {"state", network.active ? "active" : "inactive"},
                              {"autostart", network.autostart},
                              {"forward", network.forward},
                              {"bridge", network.bridge.empty() ? Json(nullptr) : Json(network.bridge)},
                              {"subnets", network.subnets}});
    }
    print(listing, session.globals().output);
    return 0;
  });
}

}  // namespace vmtool::cli
