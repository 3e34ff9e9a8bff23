#include <unistd.h>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/guest_names.hpp"
#include "ops/container_console.hpp"
#include "ops/observe.hpp"
#include "util/error.hpp"

namespace vmtool::cli {
namespace {

struct ConsoleOptions {
  std::string name;
  bool force = false;
};

}  // namespace

void add_console(Grammar& grammar) {
  Command command =
      grammar.command("console", "Connect to a machine's serial console or a container's terminal; Ctrl-] leaves it");
  const auto options = std::make_shared<ConsoleOptions>();
  command.argument("NAME", options->name, "The machine or container");
  command.flag("--force", options->force, "Take the console from another session");
  command.on([options](Session& session) {
    if (is_container(options->name)) {
      session.say(fmt::format("connected to container '{}'; Ctrl-] leaves it", options->name));
      ops::attach_console(ops::ContainerHome(), options->name, STDIN_FILENO, STDOUT_FILENO);
      return 0;
    }
    const virt::Domain domain = ops::domain_or_throw(session.connection(), options->name);
    if (!virt::is_active(domain.state())) {
      throw util::Error(util::Errc::conflict, fmt::format("machine '{}' does not run", options->name))
          .hint(fmt::format("vmtool start {}", options->name));
    }
    session.say(fmt::format("connected to the console of '{}'; Ctrl-] leaves it", options->name));
    domain.console(STDIN_FILENO, STDOUT_FILENO, options->force);
    return 0;
  });
}

}  // namespace vmtool::cli
