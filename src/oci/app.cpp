#include "oci/app.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <exception>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "isolation/seccomp_profile.hpp"
#include "oci/command.hpp"
#include "oci/document.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::oci {
namespace {

constexpr AddCommand commands[] = {add_create, add_start, add_state, add_kill,   add_delete, add_run,      add_exec, add_list,
                                   add_ps,     add_pause, add_resume, add_update, add_events, add_features, add_spec};

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
  app.set_version_flag("-v,--version", fmt::format("isolate version {}\nspec: {}\nlibseccomp: {}", "0.1.0", spec_version, isolation::library_identity()));
}

int run_checked(int argc, char** argv, Globals& globals, bool& runs_process) {
  CLI::App app("runs containers from OCI bundles", "isolate");
  app.require_subcommand(1);
  add_globals(app, globals);
  Chosen chosen;
  for (const AddCommand add : commands) add(app, globals, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(util::Errc::usage);
  }
  const std::string name = app.get_subcommands().front()->get_name();
  runs_process = name == "run" || name == "exec";
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
