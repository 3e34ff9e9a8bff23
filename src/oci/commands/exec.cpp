// isolate exec.
#include <fmt/format.h>

#include <memory>

#include "isolation/capability.hpp"
#include "oci/command.hpp"
#include "oci/config.hpp"
#include "oci/foreground.hpp"
#include "oci/process_options.hpp"
#include "oci/terminal.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::oci {
namespace {

using isolation::Container;
using util::Errc;
using util::Error;
using util::Fd;

struct ExecCommandOptions {
  std::string id{};
  std::string process_file{};
  std::string user{};
  std::string cwd{};
  std::string apparmor{};
  std::vector<std::string> env{};
  std::vector<std::string> capabilities{};
  std::vector<std::string> groups{};
  bool terminal = false;
  bool no_new_privileges = false;
  ProcessOptions process{};
  std::vector<std::string> command{};
};

/// "UID" or "UID:GID", numbers only: a name would have to be looked up in files that the container wrote.
isolation::User parse_user(const std::string& text, const isolation::User& before) {
  isolation::User out = before;
  const auto parts = util::split(text, ':');
  const auto uid = util::parse_decimal(parts[0], UINT32_MAX - 1);
  const auto gid =
      parts.size() == 2 ? util::parse_decimal(parts[1], UINT32_MAX - 1) : std::optional<std::uint64_t>(before.gid);
  if (!uid || !gid || parts.size() > 2) {
    throw Error(Errc::usage, fmt::format("'{}' is no user: UID or UID:GID, in numbers", util::printable(text)));
  }
  out.uid = static_cast<uid_t>(*uid);
  out.gid = static_cast<gid_t>(*gid);
  return out;
}

void set_variable(std::vector<std::string>& env, const std::string& item) {
  const std::string key = item.substr(0, item.find('=') + 1);
  if (key.size() < 2) throw Error(Errc::usage, fmt::format("'{}' is no NAME=VALUE", util::printable(item)));
  for (std::string& have : env) {
    if (have.starts_with(key)) {
      have = item;
      return;
    }
  }
  env.push_back(item);
}

isolation::Process make_process(const ExecCommandOptions& options, const isolation::Spec& spec) {
  if (!options.process_file.empty()) {
    isolation::Process process = read_process(util::read_file(options.process_file, config_limit));
    process.terminal = process.terminal || options.terminal;
    return process;
  }
  isolation::Process process = spec.process;
  process.args = options.command;
  process.terminal = options.terminal;
  if (!options.user.empty()) process.user = parse_user(options.user, process.user);
  for (const std::string& group : options.groups) {
    const auto gid = util::parse_decimal(group, UINT32_MAX - 1);
    if (!gid) throw Error(Errc::usage, fmt::format("'{}' is no group id", util::printable(group)));
    process.user.groups.push_back(static_cast<gid_t>(*gid));
  }
  if (!options.cwd.empty()) process.cwd = options.cwd;
  for (const std::string& item : options.env) set_variable(process.env, item);
  for (const std::string& name : options.capabilities) {
    const auto number = isolation::find_capability(name);
    if (!number) throw Error(Errc::usage, fmt::format("there is no capability '{}'", util::printable(name)));
    const std::uint64_t bit = isolation::capability_bit(*number);
    process.capabilities.bounding |= bit;
    process.capabilities.effective |= bit;
    process.capabilities.permitted |= bit;
  }
  if (options.no_new_privileges) process.no_new_privileges = true;
  if (!options.apparmor.empty()) process.apparmor_profile = options.apparmor;
  return process;
}

int exec(const Globals& globals, const ExecCommandOptions& options) {
  Container container = Container::open(globals.engine(), options.id);
  const isolation::Spec spec = spec_of(container);
  isolation::Process process = make_process(options, spec);
  isolation::check_process(process);
  check_terminal(options.process, process);
  isolation::ExecOptions what;
  what.outlives_launcher = options.process.detach;
  what.preserved_descriptors = preserved_descriptors(options.process, process);
  Fd master;
  what.on_console = terminal_taker(options.process, master);
  if (options.process.detach) {
    write_pid_file(options.process, container.exec(spec, process, what).pid);
    return 0;
  }
  const SignalGate gate;
  const isolation::Launched launched = container.exec(spec, process, what);
  write_pid_file(options.process, launched.pid);
  std::unique_ptr<RawTerminal> raw;
  if (master) raw = std::make_unique<RawTerminal>();
  follow_to_end(gate, launched.process.get(), master.get());
  return isolation::wait_for(launched.pid);
}

}  // namespace

void add_exec(CLI::App& app, const Globals& globals, Chosen& chosen) {
  CLI::App* const command = app.add_subcommand("exec", "run a further process in a container");
  const auto options = std::make_shared<ExecCommandOptions>();
  command->add_option("-p,--process", options->process_file, "file with the process as JSON");
  command->add_option("-u,--user", options->user, "UID[:GID]");
  command->add_option("--cwd", options->cwd, "working directory");
  command->add_option("-e,--env", options->env, "NAME=VALUE")->take_all()->expected(1)->allow_extra_args(false);
  command->add_option("-c,--cap", options->capabilities, "a capability more")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("-g,--additional-gids", options->groups, "a group more")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  add_process_options(*command, options->process);
  command->add_option("--apparmor", options->apparmor, "AppArmor profile");
  command->add_flag("-t,--tty", options->terminal, "with a terminal");
  command->add_flag("-d,--detach", options->process.detach, "return when the process runs");
  command->add_flag("--no-new-privs", options->no_new_privileges, "with no_new_privs");
  command->prefix_command();
  command->callback([&globals, &chosen, options, command] {
    std::vector<std::string> words = command->remaining();
    if (words.empty()) throw CLI::RequiredError("id");
    options->id = words.front();
    words.erase(words.begin());
    if (!words.empty() && words.front() == "--") words.erase(words.begin());
    if (words.empty() && options->process_file.empty()) throw CLI::RequiredError("command");
    options->command = std::move(words);
    chosen = [&globals, options] { return exec(globals, *options); };
  });
}

}  // namespace vmtool::oci
