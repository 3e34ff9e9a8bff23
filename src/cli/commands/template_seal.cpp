#include <fmt/format.h>

#include "cli/identity_commands.hpp"
#include "cli/identity_options.hpp"
#include "cli/identity_report.hpp"
#include "ops/seal_template.hpp"

namespace vmtool::cli {

void add_template_seal(Command& group) {
  Command command =
      group.subcommand("seal", "Make a machine a template: its identity is emptied, and it is not started by mistake");
  const auto name = std::make_shared<std::string>();
  const auto yes = std::make_shared<bool>(false);
  command.argument("NAME", *name, "The machine");
  const auto words = add_identity_options(command, "What it holds afterwards: empty or uninitialized (default: empty)");
  command.flag("-y,--yes", *yes, "Do not ask");
  command.on([name, words, yes](Session& session) {
    const identity::Options options = identity_options(*words, "empty");
    identity::check(options);
    session.confirm(fmt::format("empty the identity of machine '{}' and make it a template", *name), *yes);
    print_renewal(session, *name, ops::seal_template(session.connection(), *name, options, session.reporter()));
    session.say(fmt::format("sealed '{}'", *name));
    return 0;
  });
}

}  // namespace vmtool::cli
