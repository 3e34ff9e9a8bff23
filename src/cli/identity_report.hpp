#pragma once
// What became of each item of an identity, for people and for programs.

#include "cli/output.hpp"
#include "identity/report.hpp"

namespace vmtool::cli {

/// {"name", "machineId", "items", "hostPublicKeys", "notHandled", "warnings"}.
Json report_record(const std::string& name, const identity::Report& report);

/// A renewal: its warnings on standard error, and on standard output a table of the items or the record.
void print_renewal(Session& session, const std::string& name, const identity::Report& report);

}  // namespace vmtool::cli
