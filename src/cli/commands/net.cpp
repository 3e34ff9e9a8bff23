#include "cli/commands.hpp"
#include "cli/net_commands.hpp"

namespace vmtool::cli {

void add_net(Grammar& grammar) {
  Command net = grammar.command("net", "Networks: define, list, show, start, stop, delete, leases, reserve, release");
  add_net_define(net);
  add_net_list(net);
  add_net_show(net);
  add_net_start(net);
  add_net_stop(net);
  add_net_delete(net);
  add_net_leases(net);
  add_net_reserve(net);
  add_net_release(net);
}

}  // namespace vmtool::cli
