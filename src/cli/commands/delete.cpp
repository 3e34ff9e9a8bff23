#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/containers.hpp"
#include "cli/guest_names.hpp"
#include "ops/container_remove.hpp"
#include "ops/delete_machine.hpp"

namespace vmtool::cli {
namespace {

struct DeleteOptions {
  bool yes = false;
  bool force = false;
};

void delete_one_container(Session& session, const std::string& name, const DeleteOptions& options) {
  Containers containers(session);
  ops::check_container_deletion(containers.home, name, options.force ? ops::Force::yes : ops::Force::no);
  session.say(fmt::format("'{}' takes with it: what it has written, and its log", name));
  session.confirm(fmt::format("delete container '{}'", name), options.yes);
  ops::delete_container(containers.home, name, containers.wiring);
}

void delete_one(Session& session, const std::string& name, const DeleteOptions& options) {
  if (is_container(name)) return delete_one_container(session, name, options);
  const ops::Deletion deletion =
      ops::plan_deletion(session.connection(), name, options.force ? ops::Force::yes : ops::Force::no);
  for (const std::string& item : deletion.removes) session.say(fmt::format("'{}' takes with it: {}", name, item));
  for (const std::string& item : deletion.keeps) session.say(fmt::format("'{}' leaves: {}", name, item));
  session.confirm(fmt::format("delete machine '{}'", name), options.yes);
  ops::delete_machine(session.connection(), deletion, session.reporter());
}

}  // namespace

void add_delete(Grammar& grammar) {
  Command command = grammar.command(
      "delete", "Delete machines and containers with the disks, reservations and state that are their own");
  const auto names = add_names(command);
  const auto options = std::make_shared<DeleteOptions>();
  command.flag("-y,--yes", options->yes, "Do not ask");
  command.flag("--force", options->force, "Delete running guests and templates too");
  command.on([names, options](Session& session) {
    for_each_guest(session, *names, "deleted", "gone", [&](const std::string& name) {
      delete_one(session, name, *options);
      return ops::Outcome::done;
    });
    return 0;
  });
}

}  // namespace vmtool::cli
