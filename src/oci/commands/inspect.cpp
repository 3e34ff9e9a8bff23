// isolate list, ps, events, features, spec.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "oci/command.hpp"
#include "oci/document.hpp"
#include "util/duration.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::oci {
namespace {

using isolation::Container;

int list(const Globals& globals, bool quiet, const std::string& format) {
  const isolation::Engine engine = globals.engine();
  std::vector<ListItem> items;
  for (const std::string& id : isolation::StateDirectory::list(engine.state_root)) {
    try {
      const Container container = Container::open(engine, id);
      const isolation::Status status = container.status();
      items.push_back({container.state(), to_text(status)});
      if (status == isolation::Status::stopped) items.back().state.pid = 0;
    } catch (const util::Error&) {
      continue;  // it was removed meanwhile
    }
  }
  if (format == "json") {
    print(list_json(items));
    return 0;
  }
  if (!quiet) print(fmt::format("{:<24} {:<8} {:<9} {}", "ID", "PID", "STATUS", "BUNDLE"));
  for (const ListItem& item : items) {
    print(quiet ? item.state.id
                : fmt::format("{:<24} {:<8} {:<9} {}", item.state.id, item.state.pid, item.status,
                              util::printable(item.state.bundle)));
  }
  return 0;
}

std::string command_of(int pid) {
  std::string text;
  try {
    const util::Fd file = util::open_file(fmt::format("/proc/{}/cmdline", pid), O_RDONLY);
    text = util::read_all(file.get(), 1 << 22);
  } catch (const util::Error&) {
    return {};
  }
  std::replace(text.begin(), text.end(), '\0', ' ');
  return util::printable(util::trim(text), 120);
}

int ps(const Globals& globals, const std::string& id, const std::string& format) {
  const Container container = Container::open(globals.engine(), id);
  const auto found = container.cgroup().processes();
  std::vector<int> pids(found.begin(), found.end());
  if (format == "json") {
    print(pids_json(pids));
    return 0;
  }
  print(fmt::format("{:<8} {}", "PID", "COMMAND"));
  for (const int pid : pids) print(fmt::format("{:<8} {}", pid, command_of(pid)));
  return 0;
}

int events(const Globals& globals, const std::string& id, bool once, const std::string& interval) {
  const Container container = Container::open(globals.engine(), id);
  if (container.status() == isolation::Status::stopped)
    throw util::Error(util::Errc::conflict, fmt::format("container '{}' is not running", id));
  print(stats_json(container));
  if (once) return 0;
  const auto pause = util::parse_duration(interval);
  const util::Fd process(static_cast<int>(::syscall(SYS_pidfd_open, container.state().pid, 0)));
  pollfd ended{process.get(), POLLIN, 0};
  while (process && ::poll(&ended, 1, static_cast<int>(pause.count())) == 0) print(stats_json(container));
  return 0;
}

int write_spec(const std::string& bundle, bool rootless) {
  const std::string path = (bundle.empty() ? "." : bundle) + "/config.json";
  const util::Fd file = util::open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
  util::write_all(file.get(), example_config(rootless) + "\n");
  return 0;
}

}  // namespace

void add_list(CLI::App& app, const Globals& globals, Chosen& chosen) {
  struct Options {
    bool quiet = false;
    std::string format = "table";
  };
  CLI::App* const command = app.add_subcommand("list", "list the containers");
  const auto options = std::make_shared<Options>();
  command->add_flag("-q,--quiet", options->quiet, "ids only");
  command->add_option("-f,--format", options->format, "table or json")->check(CLI::IsMember({"table", "json"}));
  command->callback([&globals, &chosen, options] {
    chosen = [&globals, options] { return list(globals, options->quiet, options->format); };
  });
}

void add_ps(CLI::App& app, const Globals& globals, Chosen& chosen) {
  struct Options {
    std::string id{};
    std::string format = "table";
  };
  CLI::App* const command = app.add_subcommand("ps", "list the processes of a container");
  const auto options = std::make_shared<Options>();
  command->add_option("id", options->id, "id of the container")->required();
  command->add_option("-f,--format", options->format, "table or json")->check(CLI::IsMember({"table", "json"}));
  command->callback([&globals, &chosen, options] {
    chosen = [&globals, options] { return ps(globals, options->id, options->format); };
  });
}

void add_events(CLI::App& app, const Globals& globals, Chosen& chosen) {
  struct Options {
    std::string id{};
    std::string interval = "5s";
    bool once = false;
  };
  CLI::App* const command = app.add_subcommand("events", "print usage as JSON lines until the container ends");
  const auto options = std::make_shared<Options>();
  command->add_option("id", options->id, "id of the container")->required();
  command->add_option("--interval", options->interval, "time between two lines");
  command->add_flag("--stats", options->once, "print one line and return");
  command->callback([&globals, &chosen, options] {
    chosen = [&globals, options] { return events(globals, options->id, options->once, options->interval); };
  });
}

void add_features(CLI::App& app, const Globals&, Chosen& chosen) {
  CLI::App* const command = app.add_subcommand("features", "print what this program can do, as JSON");
  command->callback([&chosen] {
    chosen = [] {
      print(features_json());
      return 0;
    };
  });
}

void add_spec(CLI::App& app, const Globals&, Chosen& chosen) {
  struct Options {
    std::string bundle{};
    bool rootless = false;
  };
  CLI::App* const command = app.add_subcommand("spec", "write a config.json to start from");
  const auto options = std::make_shared<Options>();
  command->add_option("-b,--bundle", options->bundle, "directory of the bundle (default: the current one)");
  command->add_flag("--rootless", options->rootless, "for a user without privileges");
  command->callback(
      [&chosen, options] { chosen = [options] { return write_spec(options->bundle, options->rootless); }; });
}

}  // namespace vmtool::oci
