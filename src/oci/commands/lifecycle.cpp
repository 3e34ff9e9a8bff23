// isolate start, state, kill, delete, pause, resume.
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "oci/command.hpp"
#include "oci/document.hpp"
#include "oci/signal_name.hpp"
#include "util/error.hpp"

namespace vmtool::oci {
namespace {

using isolation::Container;
using Lock = isolation::StateDirectory::Lock;

/// Adds a command whose only argument is the id.
CLI::App* add_simple(CLI::App& app, const char* name, const char* help, const Globals& globals, Chosen& chosen,
                     int (*act)(const isolation::Engine& engine, const std::string& id)) {
  CLI::App* const command = app.add_subcommand(name, help);
  const auto id = std::make_shared<std::string>();
  command->add_option("id", *id, "id of the container")->required();
  command->callback(
      [&globals, &chosen, id, act] { chosen = [&globals, id, act] { return act(globals.engine(), *id); }; });
  return command;
}

int start(const isolation::Engine& engine, const std::string& id) {
  Container container = Container::open(engine, id, Lock::alone);
  container.start();
  if (container.document().find("\"poststart\"") != std::string::npos) run_poststart(container, spec_of(container));
  return 0;
}

int show_state(const isolation::Engine& engine, const std::string& id) {
  const Container container = Container::open(engine, id);
  const isolation::Status status = container.status();
  const int pid = status == isolation::Status::stopped ? 0 : container.state().pid;
  std::string document;
  try {
    document = container.document();
  } catch (const util::Error&) {
    document = "{}";  // it is being created
  }
  print(state_json(container.state(), to_text(status), pid, document));
  return 0;
}

int pause(const isolation::Engine& engine, const std::string& id) {
  Container::open(engine, id, Lock::alone).pause();
  return 0;
}

int resume(const isolation::Engine& engine, const std::string& id) {
  Container::open(engine, id, Lock::alone).resume();
  return 0;
}

/// Lets a running container end while others are dealt with.
void begin_end(Container& container) {
  try {
    container.kill(SIGKILL);
  } catch (const util::Error&) {
    return;  // it has ended already; whatever else is wrong is met again when it is removed
  }
}

/// Removes containers, those that can be also where others can't. Throws the first error.
void remove_all(const isolation::Engine& engine, const std::vector<std::string>& ids, Container::Force force) {
  constexpr std::size_t at_once = 64;  // each has descriptors open
  std::optional<util::Error> first;
  const auto attempt = [&](const auto& act) {
    try {
      act();
    } catch (const util::Error& error) {
      const bool nothing_to_do = force == Container::Force::yes && error.kind() == util::Errc::not_found;
      if (!nothing_to_do && !first) first = error;
    }
  };
  for (std::size_t begin = 0; begin < ids.size(); begin += at_once) {
    std::vector<Container> containers;
    for (std::size_t index = begin; index < std::min(begin + at_once, ids.size()); ++index) {
      // Its lock is ours already where an id is given twice.
      if (std::find(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(index), ids[index]) !=
          ids.begin() + static_cast<std::ptrdiff_t>(index))
        continue;
      attempt([&] { containers.push_back(Container::open(engine, ids[index], Lock::alone)); });
    }
    if (force == Container::Force::yes && containers.size() > 1)
      std::for_each(containers.begin(), containers.end(), begin_end);
    for (Container& container : containers) attempt([&] { remove_container(container, force); });
  }
  if (first) throw util::Error(*first);
}

}  // namespace

void add_start(CLI::App& app, const Globals& globals, Chosen& chosen) {
  add_simple(app, "start", "start a created container", globals, chosen, start);
}
void add_state(CLI::App& app, const Globals& globals, Chosen& chosen) {
  add_simple(app, "state", "print a container's state as JSON", globals, chosen, show_state);
}
void add_pause(CLI::App& app, const Globals& globals, Chosen& chosen) {
  add_simple(app, "pause", "freeze all processes of a container", globals, chosen, pause);
}
void add_resume(CLI::App& app, const Globals& globals, Chosen& chosen) {
  add_simple(app, "resume", "thaw a paused container", globals, chosen, resume);
}

void add_kill(CLI::App& app, const Globals& globals, Chosen& chosen) {
  struct Options {
    std::string id{};
    std::string signal = "TERM";
    bool all = false;
  };
  CLI::App* const command = app.add_subcommand("kill", "send a signal to a container (default: TERM)");
  const auto options = std::make_shared<Options>();
  command->add_option("id", options->id, "id of the container")->required();
  command->add_option("signal", options->signal, "name or number of the signal");
  command->add_flag("-a,--all", options->all, "to all processes, not only the first");
  command->callback([&globals, &chosen, options] {
    chosen = [&globals, options] {
      const auto signal = find_signal(options->signal);
      if (!signal) throw util::Error(util::Errc::usage, fmt::format("there is no signal '{}'", options->signal));
      Container::open(globals.engine(), options->id)
          .kill(*signal, options->all ? Container::Whom::all : Container::Whom::first);
      return 0;
    };
  });
}

void add_delete(CLI::App& app, const Globals& globals, Chosen& chosen) {
  struct Options {
    std::vector<std::string> ids{};
    bool force = false;
  };
  CLI::App* const command = app.add_subcommand("delete", "remove what is left of containers");
  const auto options = std::make_shared<Options>();
  command->add_option("id", options->ids, "ids of the containers")->required();
  command->add_flag("-f,--force", options->force, "kill it first if it runs; it is no error if there is none");
  command->callback([&globals, &chosen, options] {
    chosen = [&globals, options] {
      remove_all(globals.engine(), options->ids, options->force ? Container::Force::yes : Container::Force::no);
      return 0;
    };
  });
}

}  // namespace vmtool::oci
