#pragma once
// Waiting for a machine to get somewhere.

#include <chrono>
#include <string>
#include <vector>

#include "model/enum_text.hpp"
#include "ops/addresses.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

enum class Goal { ip, running, stopped };

}  // namespace vmtool::ops

template <>
struct vmtool::model::Words<vmtool::ops::Goal> {
  static constexpr WordTable<ops::Goal, 3> table{
      {{ops::Goal::ip, "ip"}, {ops::Goal::running, "running"}, {ops::Goal::stopped, "stopped"}}};
};

namespace vmtool::ops {

/// Waits until the machine is running, has stopped, or has an address (leases, agent and ARP merged); returns its
/// addresses for Goal::ip. Throws Error{unavailable} after `timeout`, saying what is in the way: not running, network down,
/// no lease, a guest that sends nothing; and Error{conflict} at once where it can't come true any more.
std::vector<FoundAddress> wait_for(const virt::Connection& connection, const std::string& name, Goal goal,
                                   std::chrono::milliseconds timeout);

}  // namespace vmtool::ops
