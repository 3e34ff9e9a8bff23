#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "model/check_rules.hpp"
#include "util/text.hpp"

namespace vmtool::model {
namespace {

class DocumentRules {
 public:
  explicit DocumentRules(const std::vector<Document>& documents) : documents_(documents) {}

  std::vector<CrossFinding> check() {
    for (std::size_t i = 0; i < documents_.size(); ++i) {
      check_name(i);
      if (const auto* network = std::get_if<Network>(&documents_[i].object)) take_network(i, *network);
    }
    check_subnets();
    for (std::size_t i = 0; i < documents_.size(); ++i) {
      if (const auto* machine = std::get_if<VirtualMachine>(&documents_[i].object)) check_machine(i, *machine);
      if (const auto* container = std::get_if<Container>(&documents_[i].object)) check_container(i, *container);
    }
    return std::move(findings_);
  }

 private:
  struct Subnet {
    IpAddress first;
    IpAddress last;
    std::size_t document;
    std::string path;
  };

  void add(std::size_t document, std::string path, std::string message, std::string hint = {}) {
    findings_.push_back({document, {std::move(path), std::move(message), std::move(hint)}});
  }

  // "'web' (lab.yaml:12)", the object of a document.
  std::string show(std::size_t index) const {
    const Document& document = documents_[index];
    return fmt::format("'{}' ({}:{})", util::printable(name_of(document.object), 80), util::printable(document.file),
                       document.line);
  }

  void check_name(std::size_t index) {
    const Object& object = documents_[index].object;
    // Commands take machines and containers by the same word.
    const bool is_guest = std::holds_alternative<VirtualMachine>(object) || std::holds_alternative<Container>(object);
    const auto [first, is_new] =
        names_.try_emplace({is_guest ? "guest" : std::string(kind_of(object)), name_of(object)}, index);
    if (!is_new)
      add(index, "name",
          fmt::format("there is another {} with the name {}", kind_of(documents_[first->second].object),
                      show(first->second)));
  }

  void take_network(std::size_t index, const Network& network) {
    networks_.try_emplace(network.name, &network);
    const std::string& bridge = network.bridge.name;
    if (!bridge.empty() && network.forward.mode != ForwardMode::bridge) {
      const auto [first, is_new] = bridges_.try_emplace(bridge, index);
      if (!is_new)
        add(index, "bridge.name",
            fmt::format("the network {} has the bridge '{}' too", show(first->second), util::printable(bridge, 80)));
    }
    for (std::size_t i = 0; i < network.addresses.size(); ++i) {
      const NetworkAddress& subnet = network.addresses[i];
      const std::string path = at("addresses", i);
      if (!subnet.prefix) continue;
      subnets_.push_back({first_address(*subnet.prefix), last_address(*subnet.prefix), index, path + ".address"});
      if (!subnet.dhcp) continue;
      // What a network itself reserves is taken as if a machine had it.
      for (const DhcpHost& host : subnet.dhcp->hosts) reserved_.try_emplace({network.name, host.address}, &host);
    }
  }

  // Sorted by their first addresses, an overlap is one with the widest of those before.
  void check_subnets() {
    std::sort(subnets_.begin(), subnets_.end(), [](const Subnet& a, const Subnet& b) {
      return std::tie(a.first, a.document, a.path) < std::tie(b.first, b.document, b.path);
    });
    const Subnet* widest = nullptr;
    for (const Subnet& subnet : subnets_) {
      const bool hit = widest != nullptr && subnet.first.v6 == widest->first.v6 && subnet.first <= widest->last;
      if (hit && widest->document != subnet.document) {
        // Not std::minmax: it returns references, here to a pointer that is gone.
        const bool in_order = widest->document < subnet.document;
        const Subnet& earlier = in_order ? *widest : subnet;
        const Subnet& later = in_order ? subnet : *widest;
        add(later.document, later.path,
            fmt::format("the subnet overlaps that of the network {}", show(earlier.document)));
      }
      if (!hit || subnet.last > widest->last) widest = &subnet;
    }
  }

  void check_mac(std::size_t index, const std::optional<MacAddress>& mac, const std::string& path) {
    if (!mac) return;
    const auto [first, is_new] = macs_.try_emplace(*mac, index);
    if (!is_new) {
      add(index, path + ".macAddress",
          fmt::format("the MAC address '{}' belongs to {} already", to_text(*mac), show(first->second)));
    }
  }

  void check_container(std::size_t index, const Container& container) {
    for (std::size_t i = 0; i < container.interfaces.size(); ++i) {
      const ContainerInterface& interface = container.interfaces[i];
      const std::string path = at("interfaces", i);
      check_mac(index, interface.mac, path);
      if (interface.address)
        check_address(index, container.name, interface.network, *interface.address, interface.mac, path + ".address");
    }
    for (std::size_t i = 0; i < container.ports.size(); ++i) {
      const PublishedPort& port = container.ports[i];
      const auto [first, is_new] = ports_.try_emplace({port.protocol, port.host_port, port.host_address}, index);
      if (!is_new && first->second != index) {
        add(index, at("ports", i) + ".hostPort",
            fmt::format("port {} of the host belongs to {} already", port.host_port, show(first->second)));
      }
    }
  }

  void check_machine(std::size_t index, const VirtualMachine& machine) {
    for (std::size_t i = 0; i < machine.interfaces.size(); ++i) {
      const Interface& interface = machine.interfaces[i];
      const std::string path = at("interfaces", i);
      check_mac(index, interface.mac, path);
      if (interface.network && interface.address) {
        check_address(index, machine.name, *interface.network, *interface.address, interface.mac, path + ".address");
      }
    }
  }

  void check_address(std::size_t index, const std::string& guest, const std::string& network_name,
                     const IpAddress& address, const std::optional<MacAddress>& mac, const std::string& path) {
    const auto [first, is_new] = addresses_.try_emplace({network_name, address}, index);
    if (!is_new) {
      add(index, path, fmt::format("the address '{}' belongs to {} already", to_text(address), show(first->second)));
      return;
    }
    const auto network = networks_.find(network_name);
    if (network != networks_.end()) check_in_network(index, *network->second, address, path);
    const auto reserved = reserved_.find({network_name, address});
    if (reserved == reserved_.end()) return;
    const DhcpHost& host = *reserved->second;
    // The network's own file may name the machine's reservation.
    if (host.name == guest || (host.mac && host.mac == mac)) return;
    add(index, path,
        fmt::format("the network '{}' reserves '{}' for another host", util::printable(network_name, 80),
                    to_text(address)));
  }

  void check_in_network(std::size_t index, const Network& network, const IpAddress& address, const std::string& path) {
    const std::string shown = fmt::format("'{}'", to_text(address));
    bool is_known = true;
    for (const NetworkAddress& subnet : network.addresses) {
      if (!subnet.prefix) {
        is_known = false;
        continue;
      }
      if (!contains(*subnet.prefix, address)) continue;
      if (address == subnet.prefix->address) {
        add(index, path, fmt::format("the address {} is the host's own in the network '{}'", shown, network.name));
      } else if (address == first_address(*subnet.prefix) || address == last_address(*subnet.prefix)) {
        add(index, path,
            fmt::format("the address {} is not one for a machine in '{}'", shown, to_text(*subnet.prefix)));
      } else if (!subnet.dhcp && std::holds_alternative<VirtualMachine>(documents_[index].object)) {
        add(index, path, fmt::format("the network '{}' can't reserve {}: its subnet has no DHCP", network.name, shown),
            "add 'dhcp: {}' to the subnet");
      }
      return;
    }
    if (is_known)
      add(index, path, fmt::format("the address {} is in no subnet of the network '{}'", shown, network.name));
  }

  const std::vector<Document>& documents_;
  std::vector<CrossFinding> findings_;
  std::map<std::pair<std::string, std::string>, std::size_t> names_;
  std::map<std::string, const Network*> networks_;
  std::map<std::string, std::size_t> bridges_;
  std::vector<Subnet> subnets_;
  std::map<std::pair<std::string, IpAddress>, const DhcpHost*> reserved_;
  std::map<MacAddress, std::size_t> macs_;
  std::map<std::tuple<PortProtocol, unsigned, std::optional<IpAddress>>, std::size_t> ports_;
  std::map<std::pair<std::string, IpAddress>, std::size_t> addresses_;
};

}  // namespace

std::vector<CrossFinding> check(const Manifest& manifest) { return DocumentRules(manifest.documents).check(); }

}  // namespace vmtool::model
