#include <set>

#include <fmt/format.h>

#include "model/check_rules.hpp"
#include "util/text.hpp"

namespace vmtool::model {
namespace {

void check_address(const Interface& interface, const std::string& path, Findings& findings) {
  if (!interface.address) return;
  if (!interface.network) {
    findings.add(path, "an address is reserved by a network: the interface is on none",
                 "add 'network: NAME', or remove 'address'");
  }
  if (interface.address->v6) {
    findings.add(path, "only an IPv4 address can be reserved for an interface",
                 "set the IPv6 address inside the guest");
  } else if (!is_host_address(*interface.address)) {
    findings.add(path, fmt::format("'{}' can't be a machine's address", to_text(*interface.address)));
  }
}

void check_interface(const Interface& interface, const std::string& path, Findings& findings) {
  findings.check_name(path + ".name", interface.name);
  if (interface.network && interface.bridge)
    findings.add(path, "an interface is on a network or on a bridge, not on both");
  if (interface.network) findings.check_reference(path + ".network", *interface.network);
  if (interface.bridge) findings.check_device(path + ".bridge", *interface.bridge);
  if (interface.mac) findings.check_mac(path + ".macAddress", *interface.mac);
  if (interface.mtu) findings.check_mtu(path + ".mtu", *interface.mtu);
  check_address(interface, path + ".address", findings);
}

}  // namespace

void check_interfaces(const VirtualMachine& machine, Findings& findings) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < machine.interfaces.size(); ++i) {
    const std::string path = at("interfaces", i);
    const std::string& name = machine.interfaces[i].name;
    check_interface(machine.interfaces[i], path, findings);
    if (!names.insert(name).second) {
      findings.add(path + ".name",
                   fmt::format("the machine has two interfaces with the name '{}'", util::printable(name, 80)));
    }
  }
}

}  // namespace vmtool::model
