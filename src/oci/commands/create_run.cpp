// isolate create, isolate run.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "oci/command.hpp"
#include "oci/foreground.hpp"
#include "oci/process_options.hpp"
#include "oci/terminal.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::oci {
namespace {

using isolation::Container;
using util::Errc;
using util::Error;
using util::Fd;

struct CreateRunOptions {
  std::string id{};
  std::string bundle{};
  std::string config{};
  std::string log_file{};
  ProcessOptions process{};
  bool keep = false;
  bool no_pivot = false;
  bool no_new_keyring = false;
  bool no_subreaper = false;
  bool classic_mounts = false;
};

void add_create_options(CLI::App& command, CreateRunOptions& options) {
  command.add_option("id", options.id, "id of the container")->required();
  command.add_option("-b,--bundle", options.bundle, "directory of the bundle (default: the current one)");
  command.add_option("-f,--config", options.config, "configuration instead of BUNDLE/config.json");
  add_process_options(command, options.process);
  command.add_option("--output", options.log_file, "file that gets what the process writes");
  command.add_flag("--no-pivot", options.no_pivot, "change the root by moving the mount, for a root that can't pivot");
  command.add_flag("--no-new-keyring", options.no_new_keyring,
                   "accepted for compatibility: the session keyring is always new");
  command.add_flag("--no-subreaper", options.no_subreaper, "accepted for compatibility");
  command.add_flag("--classic-mounts", options.classic_mounts, "mount with mount(2) instead of the descriptor calls");
}

/// Standard output and error of what is launched go to the file.
void redirect_output(const std::string& path) {
  if (path.empty()) return;
  const Fd file = util::open_file(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (::dup2(file.get(), STDOUT_FILENO) < 0 || ::dup2(file.get(), STDERR_FILENO) < 0)
    throw util::SysError(errno, fmt::format("can't write to '{}'", path));
}

isolation::CreateOptions what_to_create(const CreateRunOptions& options, Bundle& bundle, Fd& master) {
  check_terminal(options.process, bundle.spec.process);
  isolation::CreateOptions out = create_options(bundle);
  out.pivot = !options.no_pivot;
  out.classic_mounts = options.classic_mounts;
  out.preserved_descriptors = preserved_descriptors(options.process, bundle.spec.process);
  out.on_console = terminal_taker(options.process, master);
  return out;
}

int create(const Globals& globals, const CreateRunOptions& options) {
  Bundle bundle = read_bundle(options.bundle, options.config, options.id);
  if (bundle.spec.process.terminal && options.process.console_socket.empty()) {
    throw Error(Errc::usage, "a process with a terminal needs --console-socket here")
        .hint("use 'isolate run' without --detach, or give a socket");
  }
  Fd master;
  auto what = what_to_create(options, bundle, master);
  what.start = isolation::CreateOptions::Start::deferred;
  redirect_output(options.log_file);
  const Container container = Container::create(globals.engine(), bundle.spec, what);
  write_pid_file(options.process, container.state().pid);
  return 0;
}

void tell_out_of_memory(const isolation::Spec& spec) {
  util::write_all(STDERR_FILENO, fmt::format("isolate: container '{}' ran out of memory (limit {} bytes)\n", spec.id,
                                             spec.resources.memory_limit.value_or(0)));
}

int run_container(const Globals& globals, const CreateRunOptions& options) {
  Bundle bundle = read_bundle(options.bundle, options.config, options.id);
  Fd master;
  auto what = what_to_create(options, bundle, master);
  what.outlives_launcher = options.process.detach;
  const isolation::Engine engine = globals.engine();
  if (options.process.detach) {
    redirect_output(options.log_file);
    const Container container = Container::create(engine, bundle.spec, what);
    write_pid_file(options.process, container.state().pid);
    run_poststart(container, bundle.spec);
    return 0;
  }
  const SignalGate gate;
  std::unique_ptr<RawTerminal> raw;
  Container container = Container::create(engine, bundle.spec, what);
  try {
    write_pid_file(options.process, container.state().pid);
    run_poststart(container, bundle.spec);
    if (master) raw = std::make_unique<RawTerminal>();
    follow_to_end(gate, container.process(), master.get());
  } catch (const Error&) {
    raw.reset();
    remove_container(container, Container::Force::yes);
    throw;
  }
  const isolation::Ending ending = container.wait();
  raw.reset();
  if (ending.out_of_memory) tell_out_of_memory(bundle.spec);
  if (!options.keep) remove_container(container, Container::Force::yes);
  return ending.exit_code;
}

}  // namespace

void add_create(CLI::App& app, const Globals& globals, Chosen& chosen) {
  CLI::App* const command = app.add_subcommand("create", "make a container that waits for 'start'");
  const auto options = std::make_shared<CreateRunOptions>();
  add_create_options(*command, *options);
  command->callback(
      [&globals, &chosen, options] { chosen = [&globals, options] { return create(globals, *options); }; });
}

void add_run(CLI::App& app, const Globals& globals, Chosen& chosen) {
  CLI::App* const command = app.add_subcommand("run", "make a container, start it, wait for its end and remove it");
  const auto options = std::make_shared<CreateRunOptions>();
  add_create_options(*command, *options);
  command->add_flag("-d,--detach", options->process.detach, "return when the process runs");
  command->add_flag("--keep", options->keep, "do not remove the container at its end");
  command->callback(
      [&globals, &chosen, options] { chosen = [&globals, options] { return run_container(globals, *options); }; });
}

}  // namespace vmtool::oci
