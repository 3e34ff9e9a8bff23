#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/containers.hpp"
#include "cli/guest_names.hpp"
#include "cli/run_options.hpp"
#include "cli/shell_code.hpp"
#include "ops/container_define.hpp"
#include "ops/container_remove.hpp"

namespace vmtool::cli {
namespace {

int run_container(Session& session, const RunOptions& options) {
  Containers containers(session);
  const ops::RunWishes wishes = wishes_of(options);
  const std::string& name = wishes.container.name;
  // A name that was chosen may be a machine's; one that was drawn is nobody's.
  const virt::Connection* const connection = options.name.empty() ? nullptr : session.find_connection();
  if (connection != nullptr) ops::check_no_machine_is_named(*connection, name);
  if (!options.detach) return ops::run_in_foreground(containers.home, wishes, containers.wiring, session.reporter());
  ops::run_detached(containers.home, wishes, containers.wiring, session.reporter());
  fmt::print("{}\n", name);
  return 0;
}

}  // namespace

void add_run(Grammar& grammar) {
  Command command = grammar.command("run", "Run a program in a container of its own; its exit code is the command's");
  const auto options = std::make_shared<RunOptions>();
  command.flag("--rm", options->remove, "Remove the container at its end");
  command.flag("-d,--detach", options->detach, "Return when it runs, and print its name");
  command.flag("-i,--interactive", options->interactive, "Standard input is the program's");
  command.flag("-t,--tty", options->terminal, "With a terminal");
  command.option("--rootfs", "DIRECTORY", options->rootfs,
                 "On this directory instead of an image; nothing is written to it");
  command.option("--name", "NAME", options->name, "The container's name (default: drawn)");
  command.option("--hostname", "NAME", options->hostname, "The host name inside (default: the name)");
  command.option("-m,--memory", "SIZE", options->memory, "Limit of memory, e.g. 100M");
  command.option("--cpus", "NUMBER", options->cpus, "Limit of processor time, e.g. 1.5");
  command.option("--pids-limit", "NUMBER", options->pids, "Limit of processes");
  command.option("--network", "NAME", options->network, "A libvirt network, or none (default: none)");
  command.repeatable("-p,--publish", "HOST:CONTAINER[/PROTOCOL]", options->ports,
                     "A port of the host that leads to the container; may be repeated");
  command.repeatable("-v,--volume", "SOURCE:DESTINATION[:OPTIONS]", options->volumes,
                     "A directory or file of the host; may be repeated");
  command.repeatable("-e,--env", "NAME=VALUE", options->env, "A variable; may be repeated");
  command.option("-u,--user", "UID[:GID]", options->user, "As this user, in numbers");
  command.option("-w,--cwd", "DIRECTORY", options->cwd, "In this directory");
  command.flag("--read-only", options->read_only, "The root can't be written to");
  command.flag("--init", options->init, "With a small process 1 that reaps children");
  command.rest("IMAGE COMMAND", options->words, "The image (not with --rootfs), then the program and its arguments");
  command.on([options](Session& session) {
    return with_shell_code(session, [&] { return run_container(session, *options); });
  });
}

}  // namespace vmtool::cli
