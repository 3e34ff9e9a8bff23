#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/containers.hpp"
#include "cli/guest_names.hpp"
#include "ops/container_change.hpp"
#include "ops/container_define.hpp"

namespace vmtool::cli {
namespace {

struct RenameOptions {
  std::string from;
  std::string to;
};

}  // namespace

void add_rename(Grammar& grammar) {
  Command command =
      grammar.command("rename", "Give a container that does not run another name; the host name inside stays");
  const auto options = std::make_shared<RenameOptions>();
  command.argument("NAME", options->from, "The container");
  command.argument("NEW", options->to, "Its new name");
  command.on([options](Session& session) {
    Containers containers(session);
    if (!is_container(options->from)) ops::throw_no_container(containers.home, options->from);
    const virt::Connection* const connection = session.find_connection();
    if (connection != nullptr) ops::check_no_machine_is_named(*connection, options->to);
    ops::rename_container(containers.home, options->from, options->to, containers.wiring, session.reporter());
    session.say(fmt::format("renamed '{}' to '{}'", options->from, options->to));
    return 0;
  });
}

}  // namespace vmtool::cli
