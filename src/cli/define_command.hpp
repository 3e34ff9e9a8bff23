#pragma once
// What `define` and `net define` share.

#include <functional>

#include "cli/grammar.hpp"
#include "model/document.hpp"

namespace vmtool::cli {

/// Adds the options and the body of a command that makes a host be as its manifests say. `accepts` refuses documents of
/// other kinds by throwing.
void set_up_define(Command& command, const std::function<void(const model::Manifest&)>& accepts);

}  // namespace vmtool::cli
