#include "cli/guest_names.hpp"

#include <mutex>
#include <optional>

#include <fmt/format.h>

#include "ops/container_home.hpp"
#include "util/error.hpp"
#include "util/parallel.hpp"

namespace vmtool::cli {

std::shared_ptr<std::vector<std::string>> add_names(Command& command, const std::string& doc) {
  auto names = std::make_shared<std::vector<std::string>>();
  command.arguments("NAME", *names, doc);
  return names;
}

bool is_container(const std::string& name) { return ops::ContainerHome().has(name); }

void for_each_guest(Session& session, const std::vector<std::string>& names, const std::string& done,
                    const std::string& already, std::size_t at_once,
                    const std::function<ops::Outcome(const std::string&)>& change) {
  // Told in the order of the names, whichever thread was quicker.
  std::vector<std::function<void()>> told(names.size());
  std::size_t next = 0;
  std::optional<util::Error> first;
  std::mutex telling;
  const auto tell = [&](std::size_t i, std::function<void()> what) {
    const std::lock_guard lock(telling);
    told[i] = std::move(what);
    for (; next < told.size() && told[next]; ++next) told[next]();
  };
  util::parallel_for(names.size(), at_once, [&](std::size_t i) {
    const std::string& name = names[i];
    try {
      const bool changed = change(name) == ops::Outcome::done;
      tell(i, [&session, line = changed ? fmt::format("{} '{}'", done, name)
                                        : fmt::format("'{}' is {} already", name, already)] { session.say(line); });
    } catch (const util::Error& error) {
      tell(i, [&session, &first, error] {
        if (!first) first = error;
        else
          session.reporter().warn(error.hint().empty() ? error.message()
                                                       : fmt::format("{} ({})", error.message(), error.hint()));
      });
    }
  });
  if (first) throw util::Error(*first);
}

void for_each_guest(Session& session, const std::vector<std::string>& names, const std::string& done,
                    const std::string& already, const std::function<ops::Outcome(const std::string&)>& change) {
  for_each_guest(session, names, done, already, 1, change);
}

}  // namespace vmtool::cli
