#include <fmt/format.h>

#include "cli/identity_commands.hpp"
#include "ops/seal_template.hpp"

namespace vmtool::cli {

void add_template_unseal(Command& group) {
  Command command = group.subcommand("unseal", "Make a template a machine again, which starts like any other");
  const auto name = std::make_shared<std::string>();
  command.argument("NAME", *name, "The template");
  command.on([name](Session& session) {
    ops::unseal_template(session.connection(), *name);
    session.say(fmt::format("'{}' is a machine again", *name));
    return 0;
  });
}

}  // namespace vmtool::cli
