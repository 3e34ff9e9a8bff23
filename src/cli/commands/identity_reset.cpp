#include <fmt/format.h>

#include "cli/identity_commands.hpp"
#include "cli/identity_options.hpp"
#include "cli/identity_report.hpp"
#include "ops/identity_reset.hpp"

namespace vmtool::cli {

void add_identity_reset(Command& identity) {
  Command command = identity.subcommand("reset", "Give a machine a new identity, inside its own disks");
  const auto name = std::make_shared<std::string>();
  const auto yes = std::make_shared<bool>(false);
  command.argument("NAME", *name, "The machine");
  const auto words =
      add_identity_options(command, "random, uuid, empty, uninitialized, or 32 digits of 0-9a-f (default: random)");
  add_hostname_option(command, *words);
  command.flag("-y,--yes", *yes, "Do not ask");
  command.on([name, words, yes](Session& session) {
    const identity::Options options = identity_options(*words, "random");
    identity::check(options);
    session.confirm(fmt::format("renew the identity of machine '{}'", *name), *yes);
    print_renewal(session, *name, ops::reset_identity(session.connection(), *name, options, session.reporter()));
    session.say(fmt::format("renewed the identity of '{}'", *name));
    return 0;
  });
}

}  // namespace vmtool::cli
