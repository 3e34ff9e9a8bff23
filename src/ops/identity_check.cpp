#include "ops/identity_check.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "ops/container_identity.hpp"
#include "ops/observe.hpp"
#include "util/error.hpp"
#include "util/parallel.hpp"
#include "xml/domain.hpp"
#include "xml/network.hpp"

namespace vmtool::ops {
namespace {

// Each look starts two or three processes that wait for one another.
constexpr std::size_t looks_at_once = 4;

// Items whose old value is the guest's own; leases and seeds have none, and MAC matches repeat the definition's.
bool names_the_guest(const identity::Outcome& outcome) {
  static constexpr std::array items{"machine-id", "ssh-host-keys", "hostname", "address",
                                    "cloud-init", "iscsi",         "nvme"};
  return std::find(items.begin(), items.end(), outcome.item) != items.end() && !outcome.old_value.empty();
}

// "192.168.1.5/24" in a guest is the address that a lease calls "192.168.1.5".
std::string comparable(const identity::Outcome& outcome) {
  return outcome.item == "address" ? outcome.old_value.substr(0, outcome.old_value.find('/')) : outcome.old_value;
}

class Ledger {
 public:
  void enter(const std::string& what, const std::string& value, Holder holder) {
    std::vector<Holder>& holders = entries_[{what, value}];
    // A guest that has a value twice shares it with nobody: D-Bus's copy of the machine-id, a lease of a reserved address.
    const bool known =
        std::any_of(holders.begin(), holders.end(), [&](const Holder& other) { return other.guest == holder.guest; });
    if (!known) holders.push_back(std::move(holder));
  }

  std::vector<SharedIdentity> shared(const std::vector<std::string>& names) const {
    std::vector<SharedIdentity> found;
    for (const auto& [key, holders] : entries_) {
      const bool wanted = names.empty() || std::any_of(holders.begin(), holders.end(), [&](const Holder& holder) {
                            return std::find(names.begin(), names.end(), holder.guest) != names.end();
                          });
      if (holders.size() > 1 && wanted) found.push_back({key.first, key.second, holders});
    }
    return found;
  }

 private:
  std::map<std::pair<std::string, std::string>, std::vector<Holder>> entries_;
};

std::vector<KnownAddress> addresses_by_network(const virt::Connection& connection,
                                               const std::map<std::string, std::string>& machine_by_mac) {
  std::vector<KnownAddress> found;
  const auto note = [&](const std::string& mac, const std::string& address, std::string place) {
    const auto machine = machine_by_mac.find(mac);
    if (machine != machine_by_mac.end()) found.push_back({machine->second, address, std::move(place)});
  };
  for (const virt::Network& network : connection.networks()) {
    for (const model::NetworkAddress& subnet : xml::read_network(network.xml(virt::Flavor::inactive)).addresses) {
      if (!subnet.dhcp) continue;
      for (const model::DhcpHost& host : subnet.dhcp->hosts) {
        if (host.mac)
          note(model::to_text(*host.mac), model::to_text(host.address),
               fmt::format("reserved in network '{}'", network.name()));
      }
    }
    if (!network.is_active()) continue;
    for (const virt::Lease& lease : network.leases())
      note(lease.mac, lease.address, fmt::format("leased in network '{}'", network.name()));
  }
  return found;
}

// A machine that is deleted meanwhile does not end the comparison of the others.
MachineIdentity look_at(const virt::Connection& connection, const std::string& name) {
  try {
    // A host's worth of appliances would take minutes.
    return identity_of(connection, name, identity::Way::offline);
  } catch (const util::Error& error) {
    if (error.kind() != util::Errc::not_found) throw;
    return {.name = name, .definition = {}, .guest = {}, .unread = error.message(), .hint = {}};
  }
}

std::vector<MachineIdentity> machines_of(const virt::Connection& connection) {
  std::vector<std::string> all;
  for (const virt::Domain& domain : connection.domains()) all.push_back(domain.name());
  std::sort(all.begin(), all.end());
  std::vector<MachineIdentity> machines(all.size());
  util::parallel_for(all.size(), looks_at_once, [&](std::size_t i) { machines[i] = look_at(connection, all[i]); });
  return machines;
}

std::map<std::string, std::string> names_by_mac(const std::vector<MachineIdentity>& machines) {
  std::map<std::string, std::string> names;
  for (const MachineIdentity& machine : machines) {
    for (const xml::UniqueField& field : machine.definition) {
      if (field.kind == "mac") names.emplace(field.value, machine.name);
    }
  }
  return names;
}

}  // namespace

IdentityCheck find_shared(const std::vector<MachineIdentity>& guests, const std::vector<KnownAddress>& addresses,
                          const std::vector<std::string>& names) {
  IdentityCheck check{.guests = guests.size(), .shared = {}, .unread = {}};
  Ledger ledger;
  for (const MachineIdentity& guest : guests) {
    for (const xml::UniqueField& field : guest.definition)
      ledger.enter(field.kind, field.value, {guest.name, field.place});
    for (const identity::Outcome& outcome : guest.guest.outcomes) {
      if (names_the_guest(outcome)) ledger.enter(outcome.item, comparable(outcome), {guest.name, outcome.path});
    }
    if (!guest.unread.empty()) check.unread.push_back({guest.name, guest.unread});
  }
  for (const KnownAddress& known : addresses) ledger.enter("address", known.address, {known.guest, known.place});
  check.shared = ledger.shared(names);
  return check;
}

IdentityCheck check_identities(const virt::Connection* connection, const ContainerHome& home,
                               const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (home.has(name)) continue;
    if (connection == nullptr) throw_no_container(home, name);
    domain_or_throw(*connection, name);
  }
  std::vector<MachineIdentity> guests;
  std::vector<KnownAddress> addresses;
  if (connection != nullptr) {
    guests = machines_of(*connection);
    addresses = addresses_by_network(*connection, names_by_mac(guests));
  }
  for (const std::string& name : home.names()) {
    guests.push_back(identity_of_container(home, name));
    for (const std::string& address : container_addresses(home, name))
      addresses.push_back({name, address, "given to the container"});
  }
  return find_shared(guests, addresses, names);
}

}  // namespace vmtool::ops
