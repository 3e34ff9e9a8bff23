#include "ops/identity_show.hpp"
#include "cli/identity_commands.hpp"
#include "cli/identity_report.hpp"
#include "ops/container_identity.hpp"

namespace vmtool::cli {
namespace {

Json definition_rows(const ops::MachineIdentity& machine) {
  Json rows = Json::array();
  for (const xml::UniqueField& field : machine.definition) {
    rows.push_back({{"what", field.kind}, {"value", field.value}, {"place", or_null(field.place)}});
  }
  return rows;
}

// The values that the guest has now; what it would get is not known yet.
Json guest_rows(const ops::MachineIdentity& machine) {
  Json rows = Json::array();
  for (const identity::Outcome& outcome : machine.guest.outcomes) {
    if (outcome.old_value.empty() && outcome.path.empty()) continue;
    if (outcome.status == identity::Status::absent) continue;
    rows.push_back({{"what", outcome.item}, {"value", or_null(outcome.old_value)}, {"place", or_null(outcome.path)}});
  }
  return rows;
}

Json record_of(const ops::MachineIdentity& machine) {
  return {{"name", machine.name},
          {"definition", definition_rows(machine)},
          {"guest", machine.unread.empty() ? guest_rows(machine) : Json(nullptr)},
          {"unread", or_null(machine.unread)},
          {"notHandled", machine.guest.not_handled},
          {"warnings", machine.guest.warnings}};
}

void print_table(Session& session, const ops::MachineIdentity& machine) {
  Listing listing{"identity",
                  {field("WHERE", "where"), field("WHAT", "what"), field("VALUE", "value"), field("PLACE", "place")},
                  {}};
  const auto add = [&](const char* where, const Json& rows) {
    for (Json row : rows) {
      row["where"] = where;
      listing.rows.push_back(std::move(row));
    }
  };
  add("machine", definition_rows(machine));
  add("guest", guest_rows(machine));
  print(listing, OutputFormat::table);
  for (const std::string& warning : machine.guest.warnings) session.reporter().warn(warning);
  if (!machine.unread.empty())
    session.reporter().warn("the inside could not be read: " + machine.unread +
                            (machine.hint.empty() ? "" : " (" + machine.hint + ")"));
}

}  // namespace

void add_identity_show(Command& identity) {
  Command command =
      identity.subcommand("show", "Show what makes a machine or container unique, in its definition and inside");
  const auto name = std::make_shared<std::string>();
  command.argument("NAME", *name, "The machine or container");
  command.on([name](Session& session) {
    const ops::ContainerHome home;
    const ops::MachineIdentity machine = home.has(*name)
                                             ? ops::identity_of_container(home, *name)
                                             : ops::identity_of(session.connection(), *name, identity::Way::automatic);
    if (session.globals().output == OutputFormat::table) print_table(session, machine);
    else print_record(record_of(machine), session.globals().output);
    return 0;
  });
}

}  // namespace vmtool::cli
