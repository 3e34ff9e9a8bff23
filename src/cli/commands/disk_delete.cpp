#include <fmt/format.h>

#include "cli/disk_commands.hpp"
#include "ops/volumes.hpp"

namespace vmtool::cli {

void add_disk_delete(Command& disk) {
  Command command =
      disk.subcommand("delete", "Delete a volume; refused while a machine or another volume stands on it");
  const auto argument = add_volume_argument(command);
  const auto yes = std::make_shared<bool>(false);
  command.flag("-y,--yes", *yes, "Do not ask");
  command.on([argument, yes](Session& session) {
    ops::describe_volume(session.connection(), argument->pool,
                         argument->name);  // a name that is wrong is said before the question
    session.confirm(fmt::format("delete volume '{}' of pool '{}'", argument->name, argument->pool), *yes);
    ops::delete_volume(session.connection(), argument->pool, argument->name);
    session.say(fmt::format("deleted volume '{}'", argument->name));
    return 0;
  });
}

}  // namespace vmtool::cli
