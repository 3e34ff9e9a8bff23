#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "ops/addresses.hpp"
#include "ops/observe.hpp"
#include "util/error.hpp"

namespace vmtool::cli {

void add_ip(Grammar& grammar) {
  Command command = grammar.command("ip", "Show a machine's addresses: from DHCP leases, the guest agent and the host's ARP table");
  const auto name = std::make_shared<std::string>();
  command.argument("NAME", *name, "The machine");
  command.on([name](Session& session) {
    const virt::Domain domain = ops::domain_or_throw(session.connection(), *name);
    if (!virt::is_active(domain.state())) {
      throw util::Error(util::Errc::conflict, fmt::format("machine '{}' does not run", *name)).hint(fmt::format("vmtool start {}", *name));
    }
    Listing listing{"addresses", {field("ADDRESS", "address"), field("MAC", "mac"), field("SOURCE", "source")}, {}, "address"};
    for (const ops::FoundAddress& found : ops::addresses_of(session.connection(), domain)) {
      listing.rows.push_back({{"address", found.address}, {"mac", found.mac}, {"source", found.source}});
    }
    if (listing.rows.empty()) {
      throw util::Error(util::Errc::not_found, fmt::format("machine '{}' has no address yet", *name)).hint(fmt::format("vmtool wait {} --for ip", *name));
    }
    print(listing, session.globals().output);
    return 0;
  });
}

}  // namespace vmtool::cli
