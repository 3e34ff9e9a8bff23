#include <fmt/format.h>

#include "cli/guest_names.hpp"
#include "cli/net_commands.hpp"
#include "ops/networks.hpp"
#include "ops/observe.hpp"

namespace vmtool::cli {
namespace {

struct NetDeleteOptions {
  bool yes = false;
  bool force = false;
};

}  // namespace

void add_net_delete(Command& net) {
  Command command = net.subcommand("delete", "Stop and delete networks; refused while guests are on them");
  const auto names = add_names(command, "The networks");
  const auto options = std::make_shared<NetDeleteOptions>();
  command.flag("-y,--yes", options->yes, "Do not ask");
  command.flag("--force", options->force, "Delete it although guests are on it");
  command.on([names, options](Session& session) {
    for_each_guest(session, *names, "deleted network", "gone", [&](const std::string& name) {
      ops::network_or_throw(session.connection(), name);  // a name that is wrong is said before the question
      session.confirm(fmt::format("delete network '{}'", name), options->yes);
      ops::delete_network(session.connection(), name, options->force ? ops::Unplug::yes : ops::Unplug::no);
      return ops::Outcome::done;
    });
    return 0;
  });
}

}  // namespace vmtool::cli
