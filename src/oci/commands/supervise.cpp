// isolate supervise.
#include <memory>

#include "oci/command.hpp"
#include "oci/monitor.hpp"

namespace vmtool::oci {

void add_supervise(CLI::App& app, const Globals& globals, Chosen& chosen) {
  CLI::App* const command = app.add_subcommand(
      "supervise", "start a container with a monitor, which keeps its log, its console, its end and its restarts");
  const auto options = std::make_shared<SuperviseOptions>();
  command->add_option("id", options->id, "id of the container")->required();
  command->add_option("-b,--bundle", options->bundle, "directory of the bundle")->required();
  command->add_option("--directory", options->directory, "directory for status, log and console")->required();
  command->add_option("--log-size", options->log_size,
                      "bytes after which the log is rotated, 0 for never (default: 16 MiB)");
  command->add_option("--log-files", options->log_files, "rotated logs that are kept (default: 3)")
      ->check(CLI::Range(0, 1000));
  command->add_option("--restart", options->restart, "no, on-failure or always")
      ->check(CLI::IsMember({"no", "on-failure", "always"}));
  command
      ->add_option("--stop-timeout", options->stop_timeout, "seconds between the stop signal and SIGKILL (default: 10)")
      ->check(CLI::Range(0, 86'400));
  command->add_flag("--adopt", options->adopt, "take up a container whose monitor was killed");
  // What the monitor tells itself when it becomes `isolate` again.
  command->add_option("--after", options->after)->group("");
  command->add_option("--lock", options->lock)->group("");
  command->add_option("--listener", options->listener)->group("");
  command->add_option("--failures", options->failures)->group("");
  command->add_option("--started", options->started_ms)->group("");
  command->callback([&globals, &chosen, options] {
    chosen = [&globals, options] {
      return options->after.empty() ? begin_supervision(globals, *options) : continue_supervision(globals, *options);
    };
  });
}

}  // namespace vmtool::oci
