#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "ops/list.hpp"
#include "util/bytes.hpp"

namespace vmtool::cli {
namespace {

Json row(const ops::ListedGuest& guest) {
  return {{"name", guest.name},           {"kind", guest.kind}, {"state", guest.state},
          {"addresses", guest.addresses}, {"cpus", guest.cpus}, {"memoryBytes", guest.memory_bytes}};
}

}  // namespace

void add_list(Grammar& grammar) {
  Command command = grammar.command("list", "List every guest of the host, running or not");
  command.on([](Session& session) {
    const Column memory{"MEMORY", [](const Json& row) { return util::to_human({row.at("memoryBytes").get<std::uint64_t>()}); }};
    Listing listing{"guests",
                    {field("NAME", "name"), field("KIND", "kind"), field("STATE", "state"), field("ADDRESS", "addresses"), field("CPUS", "cpus"), memory},
                    {}};
    for (const ops::ListedGuest& guest : ops::list_guests(session.connection())) listing.rows.push_back(row(guest));
    print(listing, session.globals().output);
    return 0;
  });
}

}  // namespace vmtool::cli
