#include "ops/lifecycle.hpp"

#include <unistd.h>

#include <algorithm>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "ops/domain_type.hpp"
#include "ops/identity_reset.hpp"
#include "ops/networks.hpp"
#include "ops/observe.hpp"
#include "ops/volume_users.hpp"
#include "util/duration.hpp"
#include "util/error.hpp"
#include "xml/domain.hpp"
#include "xml/storage.hpp"
#include "xml/template_mark.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds stop_poll_interval{100};
// A guest that is still booting ignores the first request.
constexpr std::chrono::seconds repeat_request{5};

void start_networks(const virt::Connection& connection, const model::VirtualMachine& machine,
                    util::Reporter& reporter) {
  for (const model::Interface& interface : machine.interfaces) {
    if (!interface.network) continue;
    if (start_network(connection, *interface.network) == Outcome::done)
      reporter.info(fmt::format("started network '{}'", *interface.network));
  }
}

// A pool that is not active may have a directory that is not mounted.
void start_pools(const virt::Connection& connection, const model::VirtualMachine& machine, util::Reporter& reporter) {
  for (const virt::Pool& pool : connection.pools()) {
    if (pool.is_active()) continue;
    const std::string folder = xml::read_pool(pool.xml()).path + "/";
    const bool needed = std::any_of(machine.disks.begin(), machine.disks.end(),
                                    [&](const model::Disk& disk) { return disk.path.starts_with(folder); });
    if (!needed) continue;
    util::during(fmt::format("starting pool '{}'", pool.name()), [&] { pool.start(); });
    reporter.info(fmt::format("started pool '{}'", pool.name()));
  }
}

void check_files(const model::VirtualMachine& machine) {
  const auto check = [&](const std::string& what, const std::string& path) {
    if (path.empty() || ::access(path.c_str(), F_OK) == 0 || errno != ENOENT) return;
    throw Error(Errc::not_found, fmt::format("{} of '{}' is missing: '{}'", what, machine.name, path))
        .hint("bring the file back, or delete the machine and define it again");
  };
  for (const model::Disk& disk : machine.disks) check(fmt::format("disk '{}'", disk.name), disk.path);
  if (!machine.boot) return;
  check("the kernel", machine.boot->kernel);
  check("the initrd", machine.boot->initrd);
}

void check_is_no_template(const std::string& name, const std::string& definition) {
  if (!xml::template_mark(definition)) return;
  throw Error(Errc::conflict,
              fmt::format("machine '{}' is a template, which a start would give an identity of its own", name))
      .hint(fmt::format("clone it, or start it with --force; 'vmtool template unseal {}' makes it a machine again",
                        name));
}

// A base is read-only by rule: what it wrote would show up, torn, below every clone that stands on it.
void check_no_clones(const virt::Connection& connection, const model::VirtualMachine& machine) {
  std::set<std::string> paths;
  for (const model::Disk& disk : machine.disks) {
    if (!disk.read_only && !disk.path.empty()) paths.insert(disk.path);
  }
  if (!paths.empty()) check_not_a_base(connection, paths, fmt::format("machine '{}' can't be started", machine.name));
}

bool wait_until_off(const virt::Domain& domain, Clock::time_point end) {
  while (virt::is_active(domain.state())) {
    if (Clock::now() >= end) return false;
    std::this_thread::sleep_for(stop_poll_interval);
  }
  return true;
}

bool shut_down(const virt::Domain& domain, std::chrono::milliseconds timeout) {
  const auto end = Clock::now() + timeout;
  while (virt::is_active(domain.state())) {
    if (Clock::now() >= end) return false;
    try {
      domain.shutdown();
    } catch (const Error&) {
      // It may have ended between the look and the request; the next look tells.
      if (virt::is_active(domain.state())) throw;
    }
    if (wait_until_off(domain, std::min<Clock::time_point>(end, Clock::now() + repeat_request))) return true;
  }
  return true;
}

}  // namespace

Outcome start(const virt::Connection& connection, const std::string& name, util::Reporter& reporter, Force force) {
  const virt::Domain domain = domain_or_throw(connection, name);
  const virt::DomainState state = domain.state();
  if (state == virt::DomainState::paused) {
    domain.resume();
    return Outcome::done;
  }
  if (virt::is_active(state)) return Outcome::already;
  const std::string definition = domain.xml(virt::Flavor::inactive);
  if (force == Force::no) check_is_no_template(name, definition);
  check_no_interrupted_reset(name);
  const model::VirtualMachine machine = xml::read_domain(definition);
  return util::during(fmt::format("starting machine '{}'", name), [&] {
    start_networks(connection, machine, reporter);
    start_pools(connection, machine, reporter);
    if (connection.is_local()) check_files(machine);
    check_no_clones(connection, machine);
    if (machine.domain_type == model::DomainType::kvm && connection.is_local()) require_kvm(name);
    domain.start();
    return Outcome::done;
  });
}

Outcome stop(const virt::Connection& connection, const std::string& name, const StopOptions& options,
             util::Reporter& reporter) {
  const virt::Domain domain = domain_or_throw(connection, name);
  if (!virt::is_active(domain.state())) return Outcome::already;
  return util::during(fmt::format("stopping machine '{}'", name), [&] {
    if (!options.force) {
      // A paused guest can't answer.
      if (domain.state() == virt::DomainState::paused) domain.resume();
      const auto timeout = options.timeout.value_or(xml::read_domain(domain.xml(virt::Flavor::inactive)).stop_timeout);
      if (shut_down(domain, timeout)) return Outcome::done;
      reporter.warn(
          fmt::format("machine '{}' did not power off within {}: pulling the plug", name, util::to_text(timeout)));
    }
    try {
      domain.destroy();
    } catch (const Error&) {
      if (virt::is_active(domain.state())) throw;  // else it ended by itself just now
    }
    return Outcome::done;
  });
}

void restart(const virt::Connection& connection, const std::string& name, const StopOptions& options,
             util::Reporter& reporter) {
  const bool ran = stop(connection, name, options, reporter) == Outcome::done;
  // A template that runs was forced once already.
  start(connection, name, reporter, ran ? Force::yes : Force::no);
}

Outcome suspend(const virt::Connection& connection, const std::string& name) {
  const virt::Domain domain = domain_or_throw(connection, name);
  const virt::DomainState state = domain.state();
  if (state == virt::DomainState::paused) return Outcome::already;
  if (!virt::is_active(state))
    throw Error(Errc::conflict, fmt::format("machine '{}' does not run", name))
        .hint(fmt::format("vmtool start {}", name));
  domain.suspend();
  return Outcome::done;
}

Outcome resume(const virt::Connection& connection, const std::string& name) {
  const virt::Domain domain = domain_or_throw(connection, name);
  const virt::DomainState state = domain.state();
  if (state == virt::DomainState::running) return Outcome::already;
  if (!virt::is_active(state))
    throw Error(Errc::conflict, fmt::format("machine '{}' does not run", name))
        .hint(fmt::format("vmtool start {}", name));
  domain.resume();
  return Outcome::done;
}

}  // namespace vmtool::ops
