#pragma once
// Removing a machine with all that is its own.

#include <string>
#include <vector>

#include "ops/force.hpp"
#include "util/reporter.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

/// What deleting a machine takes with it, and what it leaves.
struct Deletion {
  std::string name;
  std::string definition;  ///< its XML
  bool active = false;
  std::vector<std::string> removes;  ///< "disk 'root' (/…/db01-root.qcow2)", "the reservation of 192.168.122.210" …
  std::vector<std::string> keeps;    ///< "disk 'data' (volume 'db-data')" …
  std::vector<std::string> own_paths;  ///< volumes to remove
};

/// Looks, and changes nothing. Throws Error{conflict} where the machine is protected, runs or is a template and `force` is not set, or
/// where a volume of its own is the backing file of another.
Deletion plan_deletion(const virt::Connection& connection, const std::string& name, Force force);

/// Stops the machine, removes its volumes, reservations and names, console log, managed save, snapshots' metadata, NVRAM, TPM
/// state and at last its definition, so that after a failure a second run goes on where the first stopped.
void delete_machine(const virt::Connection& connection, const Deletion& deletion, util::Reporter& reporter);

}  // namespace vmtool::ops
