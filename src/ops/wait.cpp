#include "ops/wait.hpp"

#include <thread>

#include <fmt/format.h>

#include "ops/observe.hpp"
#include "util/duration.hpp"
#include "util/error.hpp"
#include "xml/domain.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;
constexpr std::chrono::milliseconds wait_interval{200};
// The agent and the ARP table are asked less often: libvirt logs an error for each that does not answer.
constexpr unsigned polls_per_guest_question = 10;

// Why a running machine has no address yet, as far as the host can tell.
Error no_address(const virt::Connection& connection, const virt::Domain& domain, std::chrono::milliseconds timeout) {
  const model::VirtualMachine machine = xml::read_domain(domain.xml(virt::Flavor::current));
  Error error(Errc::unavailable,
              fmt::format("machine '{}' has no address after {}", domain.name(), util::to_text(timeout)));
  if (machine.interfaces.empty()) return std::move(error.hint("it has no network interface"));
  for (const model::Interface& interface : machine.interfaces) {
    if (!interface.network) continue;
    const auto network = connection.find_network(*interface.network);
    if (!network || !network->is_active()) {
      return std::move(error.hint(fmt::format("network '{}' is down: vmtool net start {}, then restart the machine",
                                              *interface.network, *interface.network)));
    }
    return std::move(
        error.hint(fmt::format("network '{}' is up and gave no lease: the guest has not booted so far, or does not use "
                               "DHCP; see vmtool console {}",
                               *interface.network, domain.name())));
  }
  return std::move(
      error.hint("on a bridge only the guest agent or the host's ARP table tell addresses: install qemu-guest-agent in "
                 "the guest"));
}

Error not_reached(const std::string& name, Goal goal, std::chrono::milliseconds timeout) {
  const bool stopped = goal == Goal::stopped;
  return Error(Errc::unavailable,
               fmt::format("machine '{}' is not {} after {}", name, model::to_text(goal), util::to_text(timeout)))
      .hint(stopped ? fmt::format("vmtool stop --force {}", name) : fmt::format("vmtool start {}", name));
}

}  // namespace

std::vector<FoundAddress> wait_for(const virt::Connection& connection, const std::string& name, Goal goal,
                                   std::chrono::milliseconds timeout) {
  const virt::Domain domain = domain_or_throw(connection, name);
  const auto end = std::chrono::steady_clock::now() + timeout;
  for (unsigned poll = 0;; ++poll) {
    const bool active = virt::is_active(domain.state());
    if (goal == Goal::running && active) return {};
    if (goal == Goal::stopped && !active) return {};
    if (goal == Goal::ip) {
      if (!active) {
        throw Error(Errc::conflict, fmt::format("machine '{}' does not run, so it will get no address", name))
            .hint(fmt::format("vmtool start {}", name));
      }
      auto found = poll % polls_per_guest_question == 0 ? addresses_of(connection, domain)
                                                        : lease_addresses_of(connection, domain);
      if (!found.empty()) return found;
    }
    if (std::chrono::steady_clock::now() >= end)
      throw goal == Goal::ip ? no_address(connection, domain, timeout) : not_reached(name, goal, timeout);
    std::this_thread::sleep_for(wait_interval);
  }
}

}  // namespace vmtool::ops
