#include <cstdio>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/stop_options.hpp"
#include "ops/wait.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::cli {
namespace {

struct WaitOptions {
  std::string name;
  std::string goal = "ip";
  std::string timeout = "2m";
};

}  // namespace

void add_wait(Grammar& grammar) {
  Command command = grammar.command("wait", "Wait until a machine has an address, runs or has stopped");
  const auto options = std::make_shared<WaitOptions>();
  command.argument("NAME", options->name, "The machine");
  command.option("--for", "GOAL", options->goal, "What to wait for: ip, running or stopped (default: ip)");
  command.option("--timeout", "TIME", options->timeout, "How long (default: 2m)");
  command.on([options](Session& session) {
    const auto goal = model::from_text<ops::Goal>(options->goal);
    if (!goal) {
      throw util::Error(util::Errc::usage, fmt::format("--for: '{}' is nothing to wait for", util::printable(options->goal))).hint("wait for ip, running or stopped");
    }
    const auto timeout = parse_duration_option("--timeout", options->timeout);
    for (const ops::FoundAddress& found : ops::wait_for(session.connection(), options->name, *goal, timeout)) fmt::print("{}\n", found.address);
    return 0;
  });
}

}  // namespace vmtool::cli
