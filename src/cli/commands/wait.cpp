#include <cstdio>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/guest_names.hpp"
#include "cli/stop_options.hpp"
#include "ops/container_lifecycle.hpp"
#include "ops/wait.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::cli {
namespace {

struct WaitOptions {
  std::string name;
  std::string goal;
  std::string timeout;
};

constexpr const char* default_goal = "ip";
constexpr const char* default_timeout = "2m";

std::optional<std::chrono::milliseconds> timeout_of(const WaitOptions& options) {
  if (options.timeout.empty()) return std::nullopt;
  return parse_duration_option("--timeout", options.timeout);
}

// A container's end is what one waits for: its exit code is the answer.
int wait_for_container(const WaitOptions& options) {
  if (!options.goal.empty() && options.goal != "stopped") {
    throw util::Error(util::Errc::usage,
                      fmt::format("--for: a container can't be waited for until '{}'", util::printable(options.goal)))
        .hint("a started container runs and has its address; wait for stopped");
  }
  const bundle::Status status = ops::wait_for_end(ops::ContainerHome(), options.name, timeout_of(options));
  if (status.exit_code) fmt::print("{}\n", *status.exit_code);
  return 0;
}

}  // namespace

void add_wait(Grammar& grammar) {
  Command command = grammar.command("wait",
                                    "Wait until a machine has an address, runs or has stopped, or until a container "
                                    "has ended, and print its exit code");
  const auto options = std::make_shared<WaitOptions>();
  command.argument("NAME", options->name, "The machine or container");
  command.option("--for", "GOAL", options->goal,
                 "What to wait for: ip, running or stopped (default: ip, stopped for a container)");
  command.option("--timeout", "TIME", options->timeout, "How long (default: 2m, without end for a container)");
  command.on([options](Session& session) {
    if (is_container(options->name)) return wait_for_container(*options);
    const auto goal = model::from_text<ops::Goal>(options->goal.empty() ? default_goal : options->goal);
    if (!goal) {
      throw util::Error(util::Errc::usage,
                        fmt::format("--for: '{}' is nothing to wait for", util::printable(options->goal)))
          .hint("wait for ip, running or stopped");
    }
    const auto timeout = timeout_of(*options).value_or(parse_duration_option("--timeout", default_timeout));
    for (const ops::FoundAddress& found : ops::wait_for(session.connection(), options->name, *goal, timeout))
      fmt::print("{}\n", found.address);
    return 0;
  });
}

}  // namespace vmtool::cli
