#include "cli/guest_names.hpp"

#include <optional>

#include <fmt/format.h>

#include "ops/container_home.hpp"
#include "util/error.hpp"

namespace vmtool::cli {

std::shared_ptr<std::vector<std::string>> add_names(Command& command, const std::string& doc) {
  auto names = std::make_shared<std::vector<std::string>>();
  command.arguments("NAME", *names, doc);
  return names;
}

bool is_container(const std::string& name) { return ops::ContainerHome().has(name); }

void for_each_guest(Session& session, const std::vector<std::string>& names, const std::string& done, const std::string& already,
                    const std::function<ops::Outcome(const std::string&)>& change) {
  std::optional<util::Error> first;
  for (const std::string& name : names) {
    try {
      const bool changed = change(name) == ops::Outcome::done;
      session.say(changed ? fmt::format("{} '{}'", done, name) : fmt::format("'{}' is {} already", name, already));
    } catch (const util::Error& error) {
      if (!first) first = error;
      else session.reporter().warn(error.hint().empty() ? error.message() : fmt::format("{} ({})", error.message(), error.hint()));
    }
  }
  if (first) throw util::Error(*first);
}

}  // namespace vmtool::cli
