#include "cli/commands.hpp"
#include "cli/guest_names.hpp"
#include "ops/container_lifecycle.hpp"

namespace vmtool::cli {

void add_resume(Grammar& grammar) {
  Command command = grammar.command("resume", "Let paused machines run on");
  const auto names = add_names(command);
  command.on([names](Session& session) {
    for_each_guest(session, *names, "resumed", "running", [&](const std::string& name) {
      return is_container(name) ? ops::resume_container(ops::ContainerHome(), name)
                                : ops::resume(session.connection(), name);
    });
    return 0;
  });
}

}  // namespace vmtool::cli
