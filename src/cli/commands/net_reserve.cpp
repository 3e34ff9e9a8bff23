#include <fmt/format.h>

#include "cli/net_commands.hpp"
#include "model/check.hpp"
#include "ops/reservations.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::cli {
namespace {

struct NetReserveOptions {
  std::string network;
  std::string address;
  std::string mac;
  std::string name;
};

model::DhcpHost host_of(const NetReserveOptions& options) {
  const auto address = model::parse_ip(options.address);
  if (!address)
    throw util::Error(util::Errc::usage, fmt::format("'{}' is no IP address", util::printable(options.address)));
  const auto mac = model::parse_mac(options.mac);
  if (!mac || mac->is_multicast()) {
    throw util::Error(util::Errc::usage,
                      fmt::format("--mac: '{}' is no interface's MAC address", util::printable(options.mac)))
        .hint("write it as 52:54:00:12:34:56");
  }
  if (!options.name.empty()) {
    if (const auto fault = model::fault_of_name(options.name))
      throw util::Error(util::Errc::usage, fmt::format("--name: {}", *fault));
  }
  return {options.name, mac, *address};
}

}  // namespace

void add_net_reserve(Command& net) {
  Command command = net.subcommand(
      "reserve", "Reserve an address for a MAC, and give it a DNS name; running guests keep their connections");
  const auto options = std::make_shared<NetReserveOptions>();
  command.argument("NETWORK", options->network, "The network");
  command.argument("ADDRESS", options->address, "The address");
  command.required_option("--mac", "MAC", options->mac, "The interface's MAC address");
  command.option("--name", "NAME", options->name, "Its name in the network's DNS");
  command.on([options](Session& session) {
    const model::DhcpHost host = host_of(*options);
    ops::add_reservation(session.connection(), options->network, host);
    session.say(fmt::format("reserved {} in network '{}'", options->address, options->network));
    return 0;
  });
}

}  // namespace vmtool::cli
