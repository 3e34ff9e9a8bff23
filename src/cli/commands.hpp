#pragma once
// Every command of the program; each stands in a file of its own under commands/.

#include "cli/grammar.hpp"

namespace vmtool::cli {

void add_validate(Grammar& grammar);
void add_render(Grammar& grammar);
void add_define(Grammar& grammar);
void add_clone(Grammar& grammar);
void add_list(Grammar& grammar);
void add_show(Grammar& grammar);
void add_start(Grammar& grammar);
void add_stop(Grammar& grammar);
void add_restart(Grammar& grammar);
void add_suspend(Grammar& grammar);
void add_resume(Grammar& grammar);
void add_delete(Grammar& grammar);
void add_wait(Grammar& grammar);
void add_exec(Grammar& grammar);
void add_run(Grammar& grammar);
void add_rename(Grammar& grammar);
void add_autostart(Grammar& grammar);
void add_cp(Grammar& grammar);
void add_logs(Grammar& grammar);
void add_top(Grammar& grammar);
void add_console(Grammar& grammar);
void add_ip(Grammar& grammar);
void add_net(Grammar& grammar);
void add_disk(Grammar& grammar);
void add_image(Grammar& grammar);
void add_identity(Grammar& grammar);
void add_template(Grammar& grammar);
void add_recover(Grammar& grammar);
void add_version(Grammar& grammar);

}  // namespace vmtool::cli
