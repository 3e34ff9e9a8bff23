#pragma once
// What a clone became, for people and for programs.

#include <string>
#include <vector>

#include "cli/output.hpp"
#include "ops/clone.hpp"

namespace vmtool::cli {

/// One row an item: ITEM, STATUS, OLD, NEW; items that the guest does not have are left out.
std::string to_text(const ops::CloneReport& report);

/// {"name", "source", "uuid", "machineId", "disks": […], "items": [{item, place, status, old, new, reason}], "hostPublicKeys", "notHandled", "warnings"}.
Json to_json(const ops::CloneReport& report);

}  // namespace vmtool::cli
