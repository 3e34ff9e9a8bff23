#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/containers.hpp"
#include "cli/guest_names.hpp"
#include "ops/container_change.hpp"
#include "ops/container_lifecycle.hpp"
#include "ops/observe.hpp"
#include "util/error.hpp"

namespace vmtool::cli {
namespace {

struct AutostartOptions {
  std::vector<std::string> names;
  bool off = false;
};

ops::Outcome mark_machine(Session& session, const std::string& name, bool on) {
  const virt::Domain domain = ops::domain_or_throw(session.connection(), name);
  if (domain.autostart() == on) return ops::Outcome::already;
  domain.set_autostart(on);
  return ops::Outcome::done;
}

// libvirt starts its machines itself.
void start_marked(Session& session) {
  Containers containers(session);
  for_each_guest(
      session, ops::marked_containers(containers.home), "started", "running", containers_at_once,
      [&](const std::string& name) { return ops::start_container(containers.home, name, containers.wiring); });
}

}  // namespace

void add_autostart(Grammar& grammar) {
  Command command = grammar.command(
      "autostart", "Mark guests to start with the host; without names, start the containers that are marked");
  const auto options = std::make_shared<AutostartOptions>();
  command.optional_arguments("NAME", options->names, "The machines and containers");
  command.flag("--off", options->off, "Do not start them with the host any more");
  command.on([options](Session& session) {
    if (options->names.empty() && options->off) throw util::Error(util::Errc::usage, "--off needs names");
    if (options->names.empty()) {
      start_marked(session);
      return 0;
    }
    const bool on = !options->off;
    for_each_guest(session, options->names, on ? "marked" : "unmarked", on ? "marked" : "unmarked",
                   [&](const std::string& name) {
                     if (is_container(name))
                       return ops::mark_for_autostart(ops::ContainerHome(), name, on, session.reporter());
                     return mark_machine(session, name, on);
                   });
    return 0;
  });
}

}  // namespace vmtool::cli
