#include "cli/net_commands.hpp"
#include "cli/output.hpp"
#include "ops/networks.hpp"
#include "ops/observe.hpp"
#include "xml/network.hpp"

namespace vmtool::cli {
namespace {

Json address_record(const model::NetworkAddress& address) {
  Json ranges = Json::array();
  Json hosts = Json::array();
  if (address.dhcp) {
    for (const model::DhcpRange& range : address.dhcp->ranges)
      ranges.push_back(model::to_text(range.start) + "-" + model::to_text(range.end));
    for (const model::DhcpHost& host : address.dhcp->hosts) {
      hosts.push_back({{"address", model::to_text(host.address)},
                       {"mac", host.mac ? Json(model::to_text(*host.mac)) : Json(nullptr)},
                       {"name", host.name.empty() ? Json(nullptr) : Json(host.name)}});
    }
  }
  return {{"address", address.prefix ? Json(model::to_text(*address.prefix)) : Json(nullptr)},
          {"ranges", ranges},
          {"reservations", hosts}};
}

Json network_record(const virt::Connection& connection, const virt::Network& network) {
  const model::Network model = xml::read_network(network.xml(virt::Flavor::current));
  Json record{{"name", model.name},
              {"kind", "network"},
              {"state", network.is_active() ? "active" : "inactive"},
              {"uuid", model.uuid ? Json(util::to_text(*model.uuid)) : Json(nullptr)},
              {"autostart", network.is_persistent() && network.autostart()},
              {"forward", model::to_text(model.forward.mode)},
              {"bridge", model.bridge.name.empty() ? Json(nullptr) : Json(model.bridge.name)},
              {"domain", model.domain.name.empty() ? Json(nullptr) : Json(model.domain.name)},
              {"subnets", Json::array()},
              {"reservations", Json::array()},
              {"dnsHosts", Json::array()},
              {"guests", ops::guests_on(connection, model.name)}};
  for (const model::NetworkAddress& address : model.addresses) {
    Json subnet = address_record(address);
    for (const Json& host : subnet["reservations"]) record["reservations"].push_back(host);
    subnet.erase("reservations");
    record["subnets"].push_back(std::move(subnet));
  }
  for (const model::DnsHost& host : model.dns.hosts)
    record["dnsHosts"].push_back({{"address", model::to_text(host.address)}, {"hostnames", host.hostnames}});
  return record;
}

}  // namespace

void add_net_show(Command& net) {
  Command command = net.subcommand("show", "Show a network: its subnets, reservations, names and running guests");
  const auto name = std::make_shared<std::string>();
  command.argument("NAME", *name, "The network");
  command.on([name](Session& session) {
    print_record(network_record(session.connection(), ops::network_or_throw(session.connection(), *name)),
                 session.globals().output);
    return 0;
  });
}

}  // namespace vmtool::cli
