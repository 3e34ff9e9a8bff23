#pragma once
// The commands below `net`; each stands in a file of its own, commands/net_<word>.cpp.

#include "cli/grammar.hpp"

namespace vmtool::cli {

void add_net_define(Command& net);
void add_net_list(Command& net);
void add_net_show(Command& net);
void add_net_start(Command& net);
void add_net_stop(Command& net);
void add_net_delete(Command& net);
void add_net_leases(Command& net);
void add_net_reserve(Command& net);
void add_net_release(Command& net);

}  // namespace vmtool::cli
