#include <ctime>

#include "cli/net_commands.hpp"
#include "cli/output.hpp"
#include "ops/observe.hpp"
#include "util/error.hpp"

namespace vmtool::cli {
namespace {

// ISO 8601 in UTC.
std::string time_text(std::int64_t seconds) {
  const std::time_t time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 32> buffer{};
  std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return buffer.data();
}

}  // namespace

void add_net_leases(Command& net) {
  Command command = net.subcommand("leases", "List the DHCP leases of a network");
  const auto name = std::make_shared<std::string>();
  command.argument("NAME", *name, "The network");
  command.on([name](Session& session) {
    Listing listing{
        "leases",
        {field("ADDRESS", "address"), field("MAC", "mac"), field("HOSTNAME", "hostname"), field("EXPIRES", "expires")},
        {},
        "address"};
    for (const virt::Lease& lease : ops::network_or_throw(session.connection(), *name).leases()) {
      listing.rows.push_back({{"address", lease.address},
                              {"mac", lease.mac},
                              {"hostname", lease.hostname.empty() ? Json(nullptr) : Json(lease.hostname)},
                              {"expires", time_text(lease.expires)}});
    }
    print(listing, session.globals().output);
    return 0;
  });
}

}  // namespace vmtool::cli
