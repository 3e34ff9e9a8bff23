#pragma once
// The commands below `vmtool identity` and `vmtool template`.

#include "cli/grammar.hpp"

namespace vmtool::cli {

void add_identity_show(Command& identity);
void add_identity_check(Command& identity);
void add_identity_reset(Command& identity);
void add_template_seal(Command& group);
void add_template_unseal(Command& group);
void add_template_list(Command& group);

}  // namespace vmtool::cli
