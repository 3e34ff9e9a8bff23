#include <fmt/format.h>

#include "cli/define_command.hpp"
#include "cli/net_commands.hpp"
#include "util/error.hpp"

namespace vmtool::cli {

void add_net_define(Command& net) {
  Command command =
      net.subcommand("define", "Make networks as manifests say; only documents of kind Network are taken");
  set_up_define(command, [](const model::Manifest& manifest) {
    for (const model::Document& document : manifest.documents) {
      if (std::holds_alternative<model::Network>(document.object)) continue;
      throw util::Error(util::Errc::invalid_input,
                        fmt::format("{}:{}: '{}' is of kind {}, not Network", document.file, document.line,
                                    model::name_of(document.object), model::kind_of(document.object)))
          .hint("'vmtool define' takes documents of every kind");
    }
  });
}

}  // namespace vmtool::cli
