// isolate update.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "oci/command.hpp"
#include "oci/config.hpp"
#include "util/file.hpp"

namespace vmtool::oci {
namespace {

struct UpdateOptions {
  std::string id{};
  std::string file{};
  std::optional<std::int64_t> memory{}, memory_reservation{}, memory_swap{}, cpu_quota{}, pids_limit{};
  std::optional<std::uint64_t> cpu_period{}, cpu_shares{};
  std::string cpus{}, mems{};
};

std::string read_document(const std::string& path) {
  return path == "-" ? util::read_all(STDIN_FILENO, config_limit) : util::read_file(path, config_limit);
}

int update(const Globals& globals, const UpdateOptions& options) {
  isolation::Resources resources;
  if (!options.file.empty()) resources = read_resources(read_document(options.file));
  if (options.memory) resources.memory_limit = options.memory;
  if (options.memory_reservation) resources.memory_reservation = options.memory_reservation;
  if (options.memory_swap) resources.memory_swap = options.memory_swap;
  if (options.cpu_quota) resources.cpu_quota = options.cpu_quota;
  if (options.cpu_period) resources.cpu_period = options.cpu_period;
  if (options.cpu_shares) resources.cpu_shares = options.cpu_shares;
  if (options.pids_limit) resources.pids_limit = options.pids_limit;
  if (!options.cpus.empty()) resources.cpu_cpus = options.cpus;
  if (!options.mems.empty()) resources.cpu_mems = options.mems;
  isolation::Container::open(globals.engine(), options.id, isolation::StateDirectory::Lock::alone).update(resources);
  return 0;
}

}  // namespace

void add_update(CLI::App& app, const Globals& globals, Chosen& chosen) {
  CLI::App* const command = app.add_subcommand("update", "change the limits of a container");
  const auto options = std::make_shared<UpdateOptions>();
  command->add_option("id", options->id, "id of the container")->required();
  command->add_option("-r,--resources", options->file, "file with the resources as JSON, - for standard input");
  command->add_option("--memory", options->memory, "bytes");
  command->add_option("--memory-reservation", options->memory_reservation, "bytes");
  command->add_option("--memory-swap", options->memory_swap, "bytes of memory and swap");
  command->add_option("--cpu-quota", options->cpu_quota, "microseconds");
  command->add_option("--cpu-period", options->cpu_period, "microseconds");
  command->add_option("--cpu-share", options->cpu_shares, "relative weight, 2 to 262144");
  command->add_option("--cpuset-cpus", options->cpus, "CPUs, as in 0-3,7");
  command->add_option("--cpuset-mems", options->mems, "memory nodes");
  command->add_option("--pids-limit", options->pids_limit, "processes");
  command->callback(
      [&globals, &chosen, options] { chosen = [&globals, options] { return update(globals, *options); }; });
}

}  // namespace vmtool::oci
