#pragma once
// What `define` and `net define` share.

#include <functional>
#include <memory>
#include <string>

#include "cli/grammar.hpp"
#include "model/document.hpp"

namespace vmtool::cli {

/// Adds the options and the body of a command that makes a host be as its manifests say. `accepts` refuses documents of
/// other kinds by throwing; `domain_type`, where there is one, holds the word of --domain-type.
void set_up_define(Command& command, const std::function<void(const model::Manifest&)>& accepts,
                   const std::shared_ptr<std::string>& domain_type = {});

}  // namespace vmtool::cli
