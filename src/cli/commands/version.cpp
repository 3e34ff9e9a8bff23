#include <fmt/format.h>
#include "cli/commands.hpp"

#include "cli/output.hpp"

namespace vmtool::cli {

void add_version(Grammar& grammar) {
  Command command = grammar.command("version", "Print the version of vmtool");
  command.on([](Session& session) {
    const Json record{{"name", "vmtool"}, {"version", VMTOOL_VERSION}};
    if (session.globals().output == OutputFormat::table) fmt::print("vmtool {}\n", VMTOOL_VERSION);
    else print_record(record, session.globals().output);
    return 0;
  });
}

}  // namespace vmtool::cli
