// How each kind of step is taken back, by the process that made it or by a later one.
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "ops/clone_overlay.hpp"
#include "ops/execute_storage.hpp"
#include "ops/live_backup.hpp"
#include "ops/reservations.hpp"
#include "ops/transaction.hpp"
#include "ops/volume_users.hpp"
#include "util/text.hpp"
#include "xml/clone.hpp"
#include "xml/clone_source.hpp"
#include "xml/network.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

// Where its owner has changed hands since, it is not ours any more.
void check_unused(const virt::Connection& connection, const std::string& path) {
  const std::vector<std::string> machines = machines_with_disk(connection, path);
  if (!machines.empty())
    throw Error(Errc::conflict, fmt::format("'{}' is a disk of {} by now", path, util::quoted_list(machines)));
}

std::optional<virt::Domain> find_domain(const virt::Connection& connection, const std::string& name,
                                        const std::string& uuid) {
  auto domain = connection.find_domain(name);
  if (!domain || domain->uuid() != uuid) return std::nullopt;
  return domain;
}

void remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR)
    throw util::SysError(errno, fmt::format("removing '{}'", path));
}

bool has_host(const model::Network& network, const ChangedHost& changed) {
  std::vector<std::string> texts;
  if (changed.section == "dhcp") {
    for (const model::NetworkAddress& address : network.addresses) {
      if (!address.dhcp) continue;
      for (const model::DhcpHost& host : address.dhcp->hosts) texts.push_back(xml::write_dhcp_host(host));
    }
  } else {
    for (const model::DnsHost& host : network.dns.hosts) texts.push_back(xml::write_dns_host(host));
  }
  return std::find(texts.begin(), texts.end(), changed.xml) != texts.end();
}

// Records of containers come to undo_locally().
struct Undoer {
  const virt::Connection& connection;

  void operator()(const MadeVolume& made) const {
    const auto pool = connection.find_pool(made.pool);
    if (!pool) return;
    if (!pool->is_active()) pool->start();
    auto volume = pool->find_volume(made.name);
    // A local copy is known to libvirt only after it has looked again; and one that it could not make stays known.
    const bool is_there = connection.is_local() ? ::access(made.path.c_str(), F_OK) == 0 : volume.has_value();
    if (is_there != volume.has_value()) {
      pool->refresh();
      volume = pool->find_volume(made.name);
    }
    if (!volume) return;
    check_unused(connection, made.path);
    volume->remove();
  }

  void operator()(const MadeFile& made) const {
    if (!connection.is_local() || ::access(made.path.c_str(), F_OK) != 0) return;
    check_unused(connection, made.path);
    remove_file(made.path);
  }

  void operator()(const MadeDirectory& made) const {
    if (connection.is_local()) std::filesystem::remove_all(made.path);
  }

  void operator()(const MadePool& made) const { remove_pool(connection, made.name); }

  void operator()(const MadeNetwork& made) const {
    const auto network = connection.find_network(made.name);
    if (!network) return;
    if (network->is_active()) network->destroy();
    network->undefine();
  }

  void operator()(const MadeReservation& made) const { remove_reservation(connection, made.network, made.host); }

  void operator()(const MadeDomain& made) const {
    const auto domain = find_domain(connection, made.name, made.uuid);
    if (!domain) return;
    if (virt::is_active(domain->state()))
      throw Error(Errc::conflict, fmt::format("machine '{}' was started meanwhile", made.name))
          .hint("stop it first, or keep it");
    domain->undefine();
  }

  void operator()(const ReplacedDomain& replaced) const {
    if (find_domain(connection, replaced.name, replaced.uuid)) connection.define_domain(replaced.xml);
  }

  void operator()(const ReplacedNetwork& replaced) const {
    if (connection.find_network(replaced.name)) connection.define_network(replaced.xml);
  }

  void operator()(const StartedPool& started) const {
    const auto pool = connection.find_pool(started.name);
    if (pool && pool->is_active()) pool->destroy();
  }

  void operator()(const ChangedAutostart& changed) const {
    if (changed.kind == "network") {
      if (const auto network = connection.find_network(changed.name)) network->set_autostart(changed.was);
    } else if (const auto domain = connection.find_domain(changed.name)) {
      domain->set_autostart(changed.was);
    }
  }

  void operator()(const ChangedHost& changed) const {
    using Network = virt::Network;
    const auto network = connection.find_network(changed.network);
    if (!network || !network->is_active()) return;
    // What a kill left undecided: whether it was put in.
    const bool is_there = has_host(xml::read_network(network->xml(virt::Flavor::current)), changed);
    if (is_there != changed.added) return;
    const auto section = changed.section == "dhcp" ? Network::Section::dhcp_host : Network::Section::dns_host;
    network->update(section, changed.added ? Network::Update::remove : Network::Update::add, changed.xml,
                    Network::Scope::live);
  }

  void operator()(const RunningBackup& backup) const {
    const auto domain = find_domain(connection, backup.name, backup.uuid);
    if (domain && virt::is_active(domain->state())) undo_backup(*domain, backup.path);
  }

  void operator()(const BootedAppliance& booted) const {
    // It is destroyed with the connection that started it: of a killed run's, it may be on its way already.
    const auto domain = find_domain(connection, booted.name, booted.uuid);
    if (domain && virt::is_active(domain->state())) domain->destroy();
  }

  void operator()(const MovedDisk& moved) const {
    const auto domain = find_domain(connection, moved.name, moved.uuid);
    if (!domain) return;
    const std::string xml = domain->xml(virt::Flavor::inactive);
    const xml::CloneSource source = xml::read_clone_source(xml);
    const auto is_moved = [&](const xml::SourceDisk& disk) {
      return disk.target == moved.target && disk.path == moved.overlay;
    };
    if (std::none_of(source.disks.begin(), source.disks.end(), is_moved)) return;
    if (virt::is_active(domain->state()))
      throw Error(Errc::conflict, fmt::format("machine '{}' was started meanwhile", moved.name));
    if (!is_unwritten_overlay(connection, moved.overlay)) {
      throw Error(Errc::conflict, fmt::format("machine '{}' has written to '{}' meanwhile", moved.name, moved.overlay));
    }
    connection.define_domain(xml::with_disk(xml, moved.target, {moved.path, "", moved.format, true}));
  }

  void operator()(const MadeContainer& made) const { undo_locally(made); }
  void operator()(const ReplacedContainer& replaced) const { undo_locally(replaced); }
  void operator()(const RenamedContainer& renamed) const { undo_locally(renamed); }
};

}  // namespace

void undo(const virt::Connection& connection, const Record& record) { std::visit(Undoer{connection}, record); }

}  // namespace vmtool::ops
