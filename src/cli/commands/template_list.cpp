#include "cli/identity_commands.hpp"
#include "cli/output.hpp"
#include "ops/seal_template.hpp"

namespace vmtool::cli {

void add_template_list(Command& group) {
  Command command = group.subcommand("list", "List the templates of the host");
  command.on([](Session& session) {
    Listing listing{"templates", {field("NAME", "name"), field("SEALED", "sealed")}, {}};
    for (const ops::SealedTemplate& one : ops::templates(session.connection()))
      listing.rows.push_back({{"name", one.name}, {"sealed", one.sealed}});
    print(listing, session.globals().output);
    return 0;
  });
}

}  // namespace vmtool::cli
