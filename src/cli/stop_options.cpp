#include "cli/stop_options.hpp"

#include <fmt/format.h>

#include "util/duration.hpp"
#include "util/error.hpp"

namespace vmtool::cli {

std::chrono::milliseconds parse_duration_option(const std::string& option, const std::string& text) {
  try {
    return util::parse_duration(text);
  } catch (const util::Error& error) {
    throw util::Error(util::Errc::usage, fmt::format("{}: {}", option, error.message())).hint(error.hint());
  }
}

std::shared_ptr<StopFlags> StopFlags::add_to(Command& command) {
  auto flags = std::make_shared<StopFlags>();
  command.flag("--force", flags->force_, "Pull the plug at once");
  command.option("--timeout", "TIME", flags->timeout_,
                 "Pull the plug after this time (default: the guest's stopTimeout)");
  return flags;
}

ops::StopOptions StopFlags::options() const {
  ops::StopOptions options;
  options.force = force_;
  if (!timeout_.empty()) options.timeout = parse_duration_option("--timeout", timeout_);
  return options;
}

}  // namespace vmtool::cli
