#pragma once
// The differences between two objects of a kind, by the field table of the manifest room.

#include <map>
#include <string>
#include <vector>

#include "model/document.hpp"
#include "ops/plan.hpp"

namespace vmtool::ops {

/// Every field that differs, in the order of its path. `effect` is next_start; callers know better.
std::vector<Change> changes_between(const model::Object& now, const model::Object& wanted);

}  // namespace vmtool::ops
