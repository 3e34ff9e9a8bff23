#include "oci/app.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <iterator>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "isolation/seccomp_profile.hpp"
#include "oci/command.hpp"
#include "oci/document.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::oci {
namespace {

struct NamedCommand {
  std::string_view name;
  AddCommand add;
};

constexpr NamedCommand commands[] = {
    {"create", add_create}, {"start", add_start},   {"state", add_state},         {"kill", add_kill},
    {"delete", add_delete}, {"run", add_run},       {"supervise", add_supervise}, {"exec", add_exec},
    {"list", add_list},     {"ps", add_ps},         {"pause", add_pause},         {"resume", add_resume},
    {"update", add_update}, {"events", add_events}, {"features", add_features},   {"spec", add_spec}};

constexpr std::string_view valued_globals[] = {"--root", "--log", "--log-format", "--cgroup-manager", "--rootless"};

/// Adds the command that the command line names alone, since making the options of all is part of a container's start;
/// all of them where it names none, for the help and for the error.
void add_commands(int argc, char** argv, CLI::App& app, const Globals& globals, Chosen& chosen) {
  int index = 1;
  while (index < argc && argv[index][0] == '-') {
    const bool valued = std::find(std::begin(valued_globals), std::end(valued_globals),
                                  std::string_view(argv[index])) != std::end(valued_globals);
    index += valued ? 2 : 1;
  }
  const std::string_view named = index < argc ? argv[index] : "";
  const auto* const found = std::find_if(std::begin(commands), std::end(commands),
                                         [&](const NamedCommand& command) { return command.name == named; });
  if (found != std::end(commands)) return found->add(app, globals, chosen);
  for (const NamedCommand& command : commands) command.add(app, globals, chosen);
}

void write_text(int descriptor, const std::string& text) {
  static_cast<void>(::write(descriptor, text.data(), text.size()) >= 0);
}

void tell(const util::Error& error, const Globals& globals) {
  std::string text = "isolate: " + util::printable(error.message(), 2000) + "\n";
  for (const std::string& step : error.steps()) text += "  while " + util::printable(step, 2000) + "\n";
  if (!error.hint().empty()) text += "hint: " + error.hint() + "\n";
  write_text(STDERR_FILENO, text);
  if (globals.log.empty()) return;
  // The log is opened only now: a run without a fault makes none.
  const util::Fd log(::open(globals.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (log) write_text(log.get(), (globals.log_format == "json" ? log_line(one_line(error)) : one_line(error)) + "\n");
}

int exit_code_of(const util::Error& error, bool runs_process) {
  if (!runs_process) return 1;
  const auto* const command = dynamic_cast<const isolation::CommandError*>(&error);
  return command != nullptr ? command->shell_code() : 125;
}

void add_globals(CLI::App& app, Globals& globals) {
  app.add_option("--root", globals.root, "directory of the containers' state (default: /run/isolate)");
  app.add_option("--log", globals.log, "file that gets errors");
  app.add_option("--log-format", globals.log_format, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.add_option("--cgroup-manager", globals.cgroup_manager, "cgroupfs, systemd or disabled");
  app.add_option("--rootless", globals.rootless, "accepted for compatibility: found out by itself");
  app.add_flag("--systemd-cgroup", globals.systemd_cgroup, "the same as --cgroup-manager=systemd");
  app.add_flag("--debug", globals.debug, "accepted for compatibility");
  app.set_version_flag("-v,--version", [] {
    return fmt::format("isolate version {}\nspec: {}\nlibseccomp: {}", "0.1.0", spec_version,
                       isolation::library_identity());
  });
}

int run_checked(int argc, char** argv, Globals& globals, bool& runs_process) {
  CLI::App app("runs containers from OCI bundles", "isolate");
  app.require_subcommand(1);
  add_globals(app, globals);
  Chosen chosen;
  add_commands(argc, argv, app, globals, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(util::Errc::usage);
  }
  const std::string name = app.get_subcommands().front()->get_name();
  runs_process = name == "run" || name == "exec" || name == "supervise";
  return chosen();
}

}  // namespace

int run(int argc, char** argv) noexcept {
  Globals globals;
  bool runs_process = false;
  try {
    return run_checked(argc, argv, globals, runs_process);
  } catch (const util::Error& error) {
    tell(error, globals);
    return exit_code_of(error, runs_process);
  } catch (const std::exception& error) {
    tell(util::Error(util::Errc::internal, error.what()), globals);
    return runs_process ? 125 : 1;
  }
}

}  // namespace vmtool::oci
