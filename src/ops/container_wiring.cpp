#include "ops/container_wiring.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "bundle/attachments.hpp"
#include "bundle/user_network.hpp"
#include "ops/address_records.hpp"
#include "ops/networks.hpp"
#include "ops/port_rules.hpp"
#include "ops/state_dir.hpp"
#include "util/duration.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/undo.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;
namespace fs = std::filesystem;

fs::path ports_lock() { return run_dir() / "ports.lock"; }

bundle::Attachment attachment_of(const ContainerAddress& given) {
  bundle::Attachment out{given.interface, given.bridge};
  out.mac = model::to_text(given.mac);
  out.mtu = given.mtu.value_or(0);
  out.addresses = {model::to_text(given.address)};
  if (given.gateway) out.gateways = {model::to_text(*given.gateway)};
  return out;
}

// Others read them by the container's own names for them, whatever the umask is.
void write_network_files(const fs::path& folder, const std::string& hostname,
                         const std::vector<ContainerAddress>& given, const std::string& resolver) {
  fs::create_directories(folder);
  util::write_file_atomic(folder / "hosts", hosts_file(hostname, given), 0644);
  util::write_file_atomic(folder / "resolv.conf", resolver, 0644);
}

void write_veth_pairs(const ContainerHome& home, const std::string& name,
                      const std::vector<bundle::Attachment>& attachments) {
  const std::string now = home.config_text(name);
  const std::string wanted = bundle::with_attachments(now, attachments);
  if (wanted != now) util::write_file_atomic(home.paths(name).config(), wanted, 0600);
}

// The rest is done by the container's own hook.
void plug_into_user_network(const ContainerHome& home, const model::Container& container) {
  if (::geteuid() == 0)
    throw Error(Errc::usage, fmt::format("the network '{}' is for containers of ordinary users", model::user_network))
        .hint("give the container a network of libvirt");
  if (::access("/usr/bin/pasta", X_OK) != 0)
    throw Error(Errc::unavailable, fmt::format("the network '{}' needs the program 'pasta'", model::user_network))
        .hint("install the package passt");
  write_network_files(home.paths(container.name).run, model::hostname_of(container), {},
                      fmt::format("nameserver {}\n", bundle::user_network_dns));
  write_veth_pairs(home, container.name, {});
}

}  // namespace

const virt::Connection& ContainerWiring::connection() {
  const std::lock_guard lock(mutex_);
  if (connection_ == nullptr) connection_ = &connect_();
  return *connection_;
}

const std::vector<model::IpAddress>& ContainerWiring::wanted_addresses() {
  const std::lock_guard lock(mutex_);
  if (wanted_) return *wanted_;
  wanted_.emplace();
  for (const std::string& name : home_.names()) {
    try {
      for (const model::ContainerInterface& interface : home_.definition(name).interfaces) {
        if (interface.address) wanted_->push_back(*interface.address);
      }
    } catch (const Error&) {
      // One that is damaged, or goes meanwhile, wants nothing.
    }
  }
  return *wanted_;
}

std::vector<ContainerAddress> ContainerWiring::allot(const model::Container& container) {
  if (!connection().is_local()) {
    throw Error(Errc::unavailable, fmt::format("container '{}' runs here, and '{}' has the networks of another host",
                                               container.name, connection().uri()))
        .hint("leave --connect out");
  }
  std::set<std::string> networks;
  std::vector<AddressWish> wishes;
  for (const model::ContainerInterface& interface : container.interfaces) {
    networks.insert(interface.network);
    wishes.push_back(
        {container.name, interface.name, interface.network, interface.address, interface.mac, interface.mtu});
  }
  const virt::Connection& host = connection();
  const std::lock_guard lock(starting_);
  for (const std::string& network : networks) {
    if (start_network(host, network) == Outcome::done) reporter_.info(fmt::format("started network '{}'", network));
  }
  return ContainerNetwork(host, address_directory()).allot(wishes, wanted_addresses());
}

void ContainerWiring::plug(const model::Container& container) {
  // A run that ended by itself left it, on networks and ports that the definition may not have any more.
  unplug(container.name);
  if (container.interfaces.empty()) return write_veth_pairs(home_, container.name, {});
  if (model::is_on_user_network(container)) return plug_into_user_network(home_, container);
  if (::geteuid() != 0) {
    throw Error(Errc::denied,
                fmt::format("container '{}' has interfaces on networks of the host, which need root", container.name))
        .hint(fmt::format("run it with sudo, or give its interface 'network: {}'", model::user_network));
  }
  const std::string& name = container.name;
  for (const std::string& other : plugged()) {
    if (!home_.has(other)) unplug(other);
  }
  util::Undo undo([&](const std::string& what, const std::string& why) {
    reporter_.warn(fmt::format("could not {}: {}", what, why));
  });
  undo.add(fmt::format("take the addresses of '{}' back", name), [&] { unplug(name); });
  const std::vector<ContainerAddress> given = allot(container);
  if (!container.ports.empty())
    publish_ports(ports_lock(), name, given.front().bridge, given.front().address.address, container.ports);
  for (const ContainerAddress& one : given) {
    if (one.closed.count() == 0) continue;
    reporter_.warn(
        fmt::format("network '{}' has the spanning tree protocol on: '{}' is not reachable in it for {} ('bridge: "
                    "{{stp: false}}' in its manifest, or 'virsh net-edit {}', ends that)",
                    one.network, name, util::to_text(one.closed), one.network));
  }
  write_network_files(home_.paths(name).run, model::hostname_of(container), given, resolver_file(given));
  std::vector<bundle::Attachment> attachments;
  std::transform(given.begin(), given.end(), std::back_inserter(attachments), attachment_of);
  write_veth_pairs(home_, name, attachments);
  undo.commit();
}

void ContainerWiring::unplug(const std::string& name) {
  const std::vector<std::string> all = plugged();
  if (std::find(all.begin(), all.end(), name) == all.end()) return;
  unpublish_ports(ports_lock(), {name});
  try {
    ContainerNetwork(connection(), address_directory()).release({name});
  } catch (const Error& error) {
    reporter_.warn(fmt::format(
        "container '{}' keeps its address and name in the network until its next start or 'vmtool recover': {}", name,
        error.message()));
  }
}

std::vector<std::string> ContainerWiring::plugged() const { return containers_on(""); }

}  // namespace vmtool::ops
