#include <cstdio>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/manifest_options.hpp"

namespace vmtool::cli {

void add_validate(Grammar& grammar) {
  Command command =
      grammar.command("validate", "Check manifests and report every fault with its place; no host is asked");
  const auto files = ManifestOptions::add_to(command);
  command.on([files](Session& session) {
    const std::size_t count = files->load().documents.size();
    session.say(fmt::format("{} document{} valid", count, count == 1 ? " is" : "s are"));
    return 0;
  });
}

}  // namespace vmtool::cli
