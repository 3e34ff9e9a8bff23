#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/guest_names.hpp"
#include "cli/output.hpp"
#include "ops/addresses.hpp"
#include "ops/container_state.hpp"
#include "ops/observe.hpp"
#include "util/error.hpp"

namespace vmtool::cli {

namespace {

int print_container_addresses(Session& session, const std::string& name) {
  const ops::ContainerHome home;
  const bundle::Summary summary = home.summary(name);
  if (!ops::is_up(ops::settle_container(home, name).state)) {
    throw util::Error(util::Errc::conflict, fmt::format("container '{}' does not run", name))
        .hint(fmt::format("vmtool start {}", name));
  }
  if (bundle::addresses_of(summary).empty()) {
    throw util::Error(util::Errc::not_found, fmt::format("container '{}' has no address", name))
        .hint("give it 'interfaces' in its manifest");
  }
  Listing listing{
      "addresses", {field("ADDRESS", "address"), field("MAC", "mac"), field("SOURCE", "source")}, {}, "address"};
  for (const bundle::Attachment& one : summary.attachments) {
    for (const std::string& address : one.addresses)
      listing.rows.push_back(
          {{"address", address.substr(0, address.find('/'))}, {"mac", or_null(one.mac)}, {"source", "container"}});
  }
  print(listing, session.globals().output);
  return 0;
}

}  // namespace

void add_ip(Grammar& grammar) {
  Command command = grammar.command("ip",
                                    "Show a guest's addresses: a container's own, a machine's from DHCP leases, the "
                                    "guest agent and the host's ARP table");
  const auto name = std::make_shared<std::string>();
  command.argument("NAME", *name, "The machine or container");
  command.on([name](Session& session) {
    if (is_container(*name)) return print_container_addresses(session, *name);
    const virt::Domain domain = ops::domain_or_throw(session.connection(), *name);
    if (!virt::is_active(domain.state())) {
      throw util::Error(util::Errc::conflict, fmt::format("machine '{}' does not run", *name))
          .hint(fmt::format("vmtool start {}", *name));
    }
    Listing listing{
        "addresses", {field("ADDRESS", "address"), field("MAC", "mac"), field("SOURCE", "source")}, {}, "address"};
    for (const ops::FoundAddress& found : ops::addresses_of(session.connection(), domain)) {
      listing.rows.push_back({{"address", found.address}, {"mac", found.mac}, {"source", found.source}});
    }
    if (listing.rows.empty()) {
      throw util::Error(util::Errc::not_found, fmt::format("machine '{}' has no address yet", *name))
          .hint(fmt::format("vmtool wait {} --for ip", *name));
    }
    print(listing, session.globals().output);
    return 0;
  });
}

}  // namespace vmtool::cli
