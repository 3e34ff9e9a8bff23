#include "ops/identity_reset.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "ops/identity_target.hpp"
#include "ops/observe.hpp"
#include "ops/reset_redo.hpp"
#include "ops/state_dir.hpp"
#include "ops/volume_users.hpp"
#include "util/error.hpp"
#include "util/text.hpp"
#include "util/undo.hpp"
#include "xml/domain.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

constexpr std::string_view file_prefix = "identity-";
constexpr std::string_view undo_suffix = ".undo";
constexpr std::string_view redo_suffix = ".redo";

std::filesystem::path journal_dir() { return state_dir() / "journal"; }

std::filesystem::path undo_file_of(const std::string& name) {
  return journal_dir() / fmt::format("{}{}{}", file_prefix, name, undo_suffix);
}

std::filesystem::path redo_dir_of(const std::string& name) {
  return journal_dir() / fmt::format("{}{}{}", file_prefix, name, redo_suffix);
}

// For its owner's eyes only: the old content of disks goes there.
void make_journal_dir() {
  std::error_code failure;
  std::filesystem::create_directories(state_dir(), failure);
  if (!failure && ::mkdir(journal_dir().c_str(), 0700) != 0 && errno != EEXIST)
    failure = {errno, std::generic_category()};
  if (failure) throw util::SysError(failure.value(), fmt::format("making the journal '{}'", journal_dir().native()));
}

void check_is_idle(const virt::Connection& connection, const virt::Domain& domain, const identity::Target& target) {
  const std::string& name = domain.name();
  if (domain.has_managed_save()) {
    throw Error(Errc::conflict, fmt::format("machine '{}' has a saved state, which remembers its old identity", name))
        .hint(fmt::format("start it and shut it down first: vmtool start {}; vmtool stop {}", name, name));
  }
  for (const identity::Disk& disk : target.disks) {
    const std::vector<std::string> users = overlays_of(connection, disk.chain.front().path);
    if (users.empty()) continue;
    throw Error(Errc::conflict, fmt::format("'{}' is the backing file of {}, which a change below would damage",
                                            disk.chain.front().path.native(), util::join(users, ", ")))
        .hint("renew those instead");
  }
}

// The machine keeps its cards and its place in the network.
void keep_network(const model::VirtualMachine& machine, identity::Options& options) {
  if (options.macs.empty()) {
    for (const model::Interface& interface : machine.interfaces) {
      if (interface.mac) options.macs.push_back({model::to_text(*interface.mac), model::to_text(*interface.mac)});
    }
  }
  if (options.addresses.empty() && identity::is_selected(options, "address")) options.keep.emplace_back("address");
}

// From outside, with the old content of every page kept until all is done.
identity::Report renew_with_undo(const std::string& name, const identity::Target& target,
                                 const identity::Options& options, util::Reporter& reporter,
                                 const std::function<void()>& then) {
  const auto undo_file = undo_file_of(name);
  util::Undo undo([&](const std::string& what, const std::string& why) {
    reporter.warn(fmt::format("could not {}: {}; 'vmtool recover' tries again", what, why));
  });
  // Added first: a renewal that fails in the middle has left its undo file.
  undo.add(fmt::format("bring the disks of '{}' back", name), [&] {
    if (std::filesystem::exists(undo_file)) identity::restore(undo_file);
  });
  identity::Report report = identity::renew({target, options, undo_file});
  if (then) then();
  undo.commit();
  std::filesystem::remove(undo_file);
  return report;
}

identity::Report renew_on_overlays(const std::string& name, const identity::Target& target,
                                   const identity::Options& options, const std::function<void()>& then) {
  const auto directory = redo_dir_of(name);
  util::Undo undo(nullptr);
  undo.add("remove the overlays", [&] { std::filesystem::remove_all(directory); });
  const ResetRedo redo(directory, target);
  identity::Target appliance = redo.target();
  appliance.way = identity::Way::appliance;
  identity::Report report = identity::renew({appliance, options, {}});
  if (then) then();
  redo.make_ready();
  undo.commit();
  finish_redo(directory);
  return report;
}

identity::Report renew_disks(const virt::Connection& connection, const virt::Domain& domain,
                             const model::VirtualMachine& machine, const identity::Options& options,
                             util::Reporter& reporter, const std::function<void()>& then) {
  const IdentityTarget target = identity_target(connection, machine);
  check_is_idle(connection, domain, target.target);
  make_journal_dir();
  identity::Report report;
  try {
    report = renew_with_undo(machine.name, target.target, options, reporter, then);
  } catch (const identity::OnlyByAppliance&) {
    report = renew_on_overlays(machine.name, target.target, options, then);
  }
  report.warnings.insert(report.warnings.end(), target.left_out.begin(), target.left_out.end());
  return report;
}

identity::Report renew_by_agent(const virt::Domain& domain, const identity::Options& options,
                                const std::function<void()>& then) {
  const std::string stop_it = fmt::format("shut it down first: vmtool stop {}", domain.name());
  if (domain.state() == virt::DomainState::paused)
    throw Error(Errc::conflict, fmt::format("machine '{}' is paused", domain.name())).hint(stop_it);
  const model::VirtualMachine running = xml::read_domain(domain.xml(virt::Flavor::current));
  if (!running.guest_agent)
    throw Error(Errc::conflict, fmt::format("machine '{}' is running, and has no guest agent", domain.name()))
        .hint(stop_it);
  identity::Report report =
      identity::renew_running([&](const std::string& command) { return domain.agent_command(command); }, options);
  if (then) then();
  return report;
}

}  // namespace

identity::Report reset_identity(const virt::Connection& connection, const std::string& name, identity::Options options,
                                util::Reporter& reporter, const std::function<void()>& then) {
  return util::during(fmt::format("renewing the identity of machine '{}'", name), [&] {
    const virt::Domain domain = domain_or_throw(connection, name);
    check_no_interrupted_reset(name);
    const model::VirtualMachine machine = xml::read_domain(domain.xml(virt::Flavor::inactive));
    if (options.uuid.empty()) options.uuid = domain.uuid();
    keep_network(machine, options);
    if (virt::is_active(domain.state())) return renew_by_agent(domain, options, then);
    return renew_disks(connection, domain, machine, options, reporter, then);
  });
}

std::vector<std::string> interrupted_resets() {
  std::vector<std::string> names;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(journal_dir(), failure)) {
    const std::string file = entry.path().filename();
    for (const std::string_view suffix : {undo_suffix, redo_suffix}) {
      if (file.size() <= file_prefix.size() + suffix.size() || !file.starts_with(file_prefix) ||
          !file.ends_with(suffix))
        continue;
      names.push_back(file.substr(file_prefix.size(), file.size() - file_prefix.size() - suffix.size()));
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

void check_no_interrupted_reset(const std::string& name) {
  if (!std::filesystem::exists(undo_file_of(name)) && !std::filesystem::exists(redo_dir_of(name))) return;
  throw Error(Errc::conflict, fmt::format("an earlier renewal of the identity of '{}' was interrupted", name))
      .hint("run 'vmtool recover' first: it undoes it, or finishes it");
}

void recover_reset(const std::string& name) {
  util::during(fmt::format("bringing the disks of machine '{}' back", name), [&] {
    if (std::filesystem::exists(redo_dir_of(name))) finish_redo(redo_dir_of(name));
    if (std::filesystem::exists(undo_file_of(name))) identity::restore(undo_file_of(name));
  });
}

}  // namespace vmtool::ops
