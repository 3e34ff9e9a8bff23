#include <algorithm>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/containers.hpp"
#include "cli/output.hpp"
#include "ops/container_list.hpp"
#include "util/bytes.hpp"
#include "util/error.hpp"

namespace vmtool::cli {
namespace {

Json cpus_of(const ops::ListedGuest& guest) {
  if (!guest.cpus) return nullptr;
  const auto whole = static_cast<unsigned>(*guest.cpus);
  return static_cast<double>(whole) == *guest.cpus ? Json(whole) : Json(*guest.cpus);
}

Json row(const ops::ListedGuest& guest) {
  return {{"name", guest.name},     {"kind", guest.kind},
          {"state", guest.state},   {"addresses", guest.addresses},
          {"cpus", cpus_of(guest)}, {"memoryBytes", guest.memory_bytes ? Json(*guest.memory_bytes) : Json(nullptr)}};
}

// Containers need no libvirt: where it is away, they are shown all the same. Without any, its absence is the answer.
std::vector<ops::ListedGuest> all_guests(Session& session) {
  Containers containers(session);
  std::vector<ops::ListedGuest> guests = ops::list_containers(containers.home, containers.wiring);
  try {
    for (ops::ListedGuest& machine : ops::list_guests(session.connection())) guests.push_back(std::move(machine));
  } catch (const util::Error& error) {
    if (guests.empty() || (error.kind() != util::Errc::unavailable && error.kind() != util::Errc::denied)) throw;
    session.reporter().warn(fmt::format("the machines are not listed: {}", error.message()));
  }
  std::sort(guests.begin(), guests.end(),
            [](const ops::ListedGuest& a, const ops::ListedGuest& b) { return a.name < b.name; });
  return guests;
}

}  // namespace

void add_list(Grammar& grammar) {
  Command command = grammar.command("list", "List every guest of the host, running or not");
  command.on([](Session& session) {
    const Column memory{"MEMORY", [](const Json& row) {
                          const Json& bytes = row.at("memoryBytes");
                          return bytes.is_null() ? std::string() : util::to_human({bytes.get<std::uint64_t>()});
                        }};
    Listing listing{"guests",
                    {field("NAME", "name"), field("KIND", "kind"), field("STATE", "state"),
                     field("ADDRESS", "addresses"), field("CPUS", "cpus"), memory},
                    {}};
    for (const ops::ListedGuest& guest : all_guests(session)) listing.rows.push_back(row(guest));
    print(listing, session.globals().output);
    return 0;
  });
}

}  // namespace vmtool::cli
