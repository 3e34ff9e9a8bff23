#include <fmt/format.h>

#include <optional>

#include "cli/commands.hpp"
#include "ops/identity_reset.hpp"
#include "util/error.hpp"

namespace vmtool::cli {

void add_recover(Grammar& grammar) {
  Command command = grammar.command("recover", "Undo what an operation that was killed has left half-done");
  command.on([](Session& session) {
    std::optional<util::Error> first;
    const std::vector<std::string> resets = ops::interrupted_resets();
    for (const std::string& name : resets) {
      try {
        ops::recover_reset(name);
        session.say(fmt::format("the disks of '{}' are what they were before its renewal", name));
      } catch (const util::Error& error) {
        if (first) session.reporter().warn(error.message());
        else first = error;
      }
    }
    if (first) throw util::Error(*first);
    if (resets.empty()) session.say("nothing is half-done");
    return 0;
  });
}

}  // namespace vmtool::cli
