#pragma once
// A plan as the user reads it.

#include <string>

#include "cli/output.hpp"
#include "ops/plan.hpp"

namespace vmtool::cli {

/// "create    VirtualMachine db01", a line a change ("  cpu.count: 1 → 2 (at the next start)"), a line a note.
/// `done` writes what happened ("created") instead of what will.
enum class Tense { will, done };
std::string to_text(const ops::Plan& plan, Tense tense);

/// {"actions": [{verb, kind, name, changes: [{path, from, to, effect}], notes}]}.
Json to_json(const ops::Plan& plan);

}  // namespace vmtool::cli
