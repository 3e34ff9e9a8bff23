#include <fmt/format.h>

#include "cli/identity_commands.hpp"
#include "cli/output.hpp"
#include "ops/identity_check.hpp"
#include "util/error.hpp"

namespace vmtool::cli {
namespace {

using util::Errc;
using util::Error;

Json shared_record(const ops::SharedIdentity& shared) {
  Json holders = Json::array();
  for (const ops::Holder& holder : shared.holders) {
    holders.push_back({{"guest", holder.guest}, {"place", holder.place.empty() ? Json(nullptr) : Json(holder.place)}});
  }
  return {{"what", shared.what}, {"value", shared.value}, {"holders", holders}};
}

Json record_of(const ops::IdentityCheck& check) {
  Json shared = Json::array();
  for (const ops::SharedIdentity& one : check.shared) shared.push_back(shared_record(one));
  Json unread = Json::array();
  for (const ops::UnreadGuest& one : check.unread) unread.push_back({{"guest", one.guest}, {"reason", one.reason}});
  return {{"guests", check.guests}, {"shared", shared}, {"unread", unread}};
}

std::string guests_of(const Json& row) {
  std::string out;
  for (const Json& holder : row.at("holders")) out += (out.empty() ? "" : ", ") + holder.at("guest").get<std::string>();
  return out;
}

void print_check(Session& session, const ops::IdentityCheck& check) {
  const OutputFormat format = session.globals().output;
  const Json record = record_of(check);
  if (format == OutputFormat::json || format == OutputFormat::yaml) return print_record(record, format);
  const Json& shared = record.at("shared");
  Listing listing{"shared",
                  {field("WHAT", "what"), field("VALUE", "value"), {"GUESTS", guests_of}},
                  {shared.begin(), shared.end()},
                  "value"};
  if (!check.shared.empty() || format == OutputFormat::name) print(listing, format);
  for (const ops::UnreadGuest& one : check.unread)
    session.reporter().warn(fmt::format("the inside of '{}' was not compared: {}", one.guest, one.reason));
  if (check.shared.empty()) session.say(fmt::format("nothing is shared among {} guests", check.guests));
}

}  // namespace

void add_identity_check(Command& identity) {
  Command command =
      identity.subcommand("check", "Say which machines and containers share an identity with which, inside or around");
  const auto names = std::make_shared<std::vector<std::string>>();
  const auto all = std::make_shared<bool>(false);
  command.optional_arguments("NAME", *names, "Only what these guests share with any other");
  command.flag("--all", *all, "Every machine and container of the host");
  command.on([names, all](Session& session) {
    if (names->empty() != *all)
      throw Error(Errc::usage, names->empty() ? "no guest is named" : "--all goes without names")
          .hint("name guests, or use --all");
    const ops::ContainerHome home;
    // Where libvirt is away, its machines can't be compared; the containers can.
    const virt::Connection* const connection = home.names().empty() ? &session.connection() : session.find_connection();
    if (connection == nullptr) session.reporter().warn("libvirt is away: only containers are compared");
    const ops::IdentityCheck check = ops::check_identities(connection, home, *names);
    print_check(session, check);
    return check.shared.empty() ? 0 : static_cast<int>(Errc::conflict);
  });
}

}  // namespace vmtool::cli
