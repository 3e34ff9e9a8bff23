#include "ops/delete_machine.hpp"

#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "ops/observe.hpp"
#include "ops/reservations.hpp"
#include "ops/volume_users.hpp"
#include "util/error.hpp"
#include "util/text.hpp"
#include "xml/clone_mark.hpp"
#include "xml/clone_source.hpp"
#include "xml/domain.hpp"
#include "xml/network.hpp"
#include "xml/template_mark.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

struct OwnReservation {
  std::string network;
  model::DhcpHost host;
};

// Reservations that `define` made: of the machine's name and of one of its MACs.
std::vector<OwnReservation> reservations_of(const virt::Connection& connection, const model::VirtualMachine& machine) {
  std::vector<OwnReservation> own;
  for (const model::Interface& interface : machine.interfaces) {
    if (!interface.network || !interface.mac) continue;
    const auto network = connection.find_network(*interface.network);
    if (!network) continue;
    for (const model::NetworkAddress& address : xml::read_network(network->xml(virt::Flavor::inactive)).addresses) {
      if (!address.dhcp) continue;
      for (const model::DhcpHost& host : address.dhcp->hosts) {
        if (host.mac == interface.mac && host.name == machine.name) own.push_back({*interface.network, host});
      }
    }
  }
  return own;
}

// What was made for it by define, or by clone; disks of machines that other tools defined stay.
bool is_own(const model::VirtualMachine& machine, const model::Disk& disk, const std::optional<xml::CloneMark>& mark) {
  if (disk.path.empty()) return false;
  if (mark &&
      std::any_of(mark->disks.begin(), mark->disks.end(), [&](const auto& made) { return made.second == disk.path; }))
    return true;
  return machine.provenance.has_value() && disk.is_owned();
}

void plan_disk(const virt::Connection& connection, const model::Disk& disk, bool own, Deletion& deletion) {
  if (!own) {
    deletion.keeps.push_back(fmt::format("disk '{}' ({})", disk.name, disk.path));
    return;
  }
  if (!connection.find_volume_by_path(disk.path)) return;  // gone already, e.g. by an earlier run
  check_not_a_base(connection, {disk.path}, fmt::format("machine '{}' can't be deleted", deletion.name));
  deletion.own_paths.push_back(disk.path);
  deletion.removes.push_back(fmt::format("disk '{}' ({})", disk.name, disk.path));
}

// A seed that was made for a clone is no hard disk, but goes with it as well.
void plan_seeds(const virt::Connection& connection, const xml::CloneMark& mark, Deletion& deletion) {
  for (const xml::SourceDisk& disk : xml::read_clone_source(deletion.definition).disks) {
    const auto is_this = [&](const auto& made) { return made.second == disk.path; };
    if (disk.device == "disk" || std::none_of(mark.disks.begin(), mark.disks.end(), is_this) ||
        !connection.find_volume_by_path(disk.path))
      continue;
    deletion.own_paths.push_back(disk.path);
    deletion.removes.push_back(fmt::format("seed '{}' ({})", disk.target, disk.path));
  }
}

void plan_own_seed(const virt::Connection& connection, const model::Seed& seed, Deletion& deletion) {
  if (!connection.find_volume_by_path(seed.path)) return;
  deletion.own_paths.push_back(seed.path);
  deletion.removes.push_back(fmt::format("the seed of cloud-init ({})", seed.path));
}

}  // namespace

Deletion plan_deletion(const virt::Connection& connection, const std::string& name, Force force) {
  const virt::Domain domain = domain_or_throw(connection, name);
  Deletion deletion;
  deletion.name = name;
  deletion.definition = domain.xml(virt::Flavor::inactive);
  deletion.active = virt::is_active(domain.state());
  const model::VirtualMachine machine = xml::read_domain(deletion.definition);
  if (machine.is_protected) {
    throw Error(Errc::conflict, fmt::format("machine '{}' is protected", name))
        .hint("write 'protected: false' in its manifest and define it again");
  }
  if (deletion.active && force == Force::no) {
    throw Error(Errc::conflict, fmt::format("machine '{}' is running", name))
        .hint(fmt::format("stop it first: vmtool stop {}, or use --force", name));
  }
  if (force == Force::no && xml::template_mark(deletion.definition)) {
    throw Error(Errc::conflict, fmt::format("machine '{}' is a template", name))
        .hint("use --force, if no machine is to be cloned from it any more");
  }
  const std::optional<xml::CloneMark> mark = xml::clone_mark(deletion.definition);
  for (const model::Disk& disk : machine.disks) plan_disk(connection, disk, is_own(machine, disk, mark), deletion);
  if (mark) plan_seeds(connection, *mark, deletion);
  else if (machine.provenance && machine.seed) plan_own_seed(connection, *machine.seed, deletion);
  for (const OwnReservation& own : reservations_of(connection, machine)) {
    deletion.removes.push_back(
        fmt::format("the reservation of {} in network '{}'", model::to_text(own.host.address), own.network));
  }
  if (const auto snapshots = domain.snapshots(); !snapshots.empty()) {
    deletion.removes.push_back(fmt::format("{} snapshot{}", snapshots.size(), snapshots.size() == 1 ? "" : "s"));
  }
  if (domain.has_managed_save()) deletion.removes.emplace_back("its saved state");
  return deletion;
}

void delete_machine(const virt::Connection& connection, const Deletion& deletion, util::Reporter& reporter) {
  util::during(fmt::format("deleting machine '{}'", deletion.name), [&] {
    const virt::Domain domain = domain_or_throw(connection, deletion.name);
    const model::VirtualMachine machine = xml::read_domain(deletion.definition);
    if (virt::is_active(domain.state())) domain.destroy();
    for (const std::string& path : deletion.own_paths) {
      if (const auto volume = connection.find_volume_by_path(path)) volume->remove();
    }
    for (const OwnReservation& own : reservations_of(connection, machine))
      remove_reservation(connection, own.network, own.host);
    domain.undefine();
    // virtlogd leaves the log behind; a remote host's can't be reached.
    if (connection.is_local() && machine.provenance && !machine.console.log_path.empty() &&
        ::unlink(machine.console.log_path.c_str()) != 0 && errno != ENOENT) {
      reporter.warn(fmt::format("the console log stays: '{}'", machine.console.log_path));
    }
  });
}

}  // namespace vmtool::ops
