#include <fmt/format.h>

#include "cli/net_commands.hpp"
#include "ops/observe.hpp"
#include "ops/reservations.hpp"
#include "xml/network.hpp"

namespace vmtool::cli {
namespace {

struct NetReleaseOptions {
  std::string network;
  std::string word;
};

}  // namespace

void add_net_release(Command& net) {
  Command command = net.subcommand("release", "Release a reservation, named by its address, MAC or name");
  const auto options = std::make_shared<NetReleaseOptions>();
  command.argument("NETWORK", options->network, "The network");
  command.argument("RESERVATION", options->word, "Its address, MAC or name");
  command.on([options](Session& session) {
    const virt::Network network = ops::network_or_throw(session.connection(), options->network);
    const model::DhcpHost host =
        ops::reservation_or_throw(xml::read_network(network.xml(virt::Flavor::inactive)), options->word);
    ops::remove_reservation(session.connection(), options->network, host);
    session.say(fmt::format("released {} in network '{}'", model::to_text(host.address), options->network));
    return 0;
  });
}

}  // namespace vmtool::cli
