#include <fmt/format.h>

#include "cli/disk_commands.hpp"
#include "cli/interrupt.hpp"
#include "model/check.hpp"
#include "ops/define.hpp"
#include "ops/execute.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::cli {
namespace {

struct DiskCreateOptions {
  std::string capacity;
  std::string format = "qcow2";
  std::string preallocation = "off";
  std::string cluster_size;
  bool lazy_refcounts = false;
};

template <class E>
E parse_word(const char* option, const std::string& word) {
  const auto value = model::from_text<E>(word);
  if (!value) {
    throw util::Error(util::Errc::usage, fmt::format("{}: '{}' is unknown", option, util::printable(word)))
        .hint(fmt::format("it is one of {}", util::join(model::words_of<E>(), ", ")));
  }
  return *value;
}

model::Volume volume_of(const VolumeArgument& argument, const DiskCreateOptions& options) {
  model::Volume volume;
  volume.name = argument.name;
  volume.pool = argument.pool;
  volume.capacity = parse_size("SIZE", options.capacity);
  volume.format = parse_word<model::DiskFormat>("--format", options.format);
  volume.preallocation = parse_word<model::Preallocation>("--preallocation", options.preallocation);
  if (!options.cluster_size.empty()) volume.cluster_size = parse_size("--cluster-size", options.cluster_size);
  volume.lazy_refcounts = options.lazy_refcounts;
  if (const auto findings = model::check(volume); !findings.empty()) {
    throw util::Error(util::Errc::invalid_input, fmt::format("{}: {}", findings.front().path, findings.front().message))
        .hint(findings.front().hint);
  }
  return volume;
}

}  // namespace

void add_disk_create(Command& disk) {
  Command command = disk.subcommand("create", "Create an empty volume in a storage pool");
  const auto argument = add_volume_argument(command);
  const auto options = std::make_shared<DiskCreateOptions>();
  command.argument("SIZE", options->capacity, "Its size, with a unit: 20GiB");
  command.option("--format", "FORMAT", options->format, "qcow2 or raw (default: qcow2)");
  command.option("--preallocation", "MODE", options->preallocation,
                 "off, metadata (qcow2), falloc or full (default: off)");
  command.option("--cluster-size", "SIZE", options->cluster_size, "Of qcow2: a power of two from 512B to 2MiB");
  command.flag("--lazy-refcounts", options->lazy_refcounts, "Of qcow2: faster writes, a slower check after a crash");
  command.on([argument, options](Session& session) {
    const model::Volume volume = volume_of(*argument, *options);
    const model::Manifest manifest{{{volume, "the command line", 0, {}}}};
    const ops::Plan plan = ops::plan_define(session.connection(), manifest, std::nullopt, session.reporter());
    if (plan.actions.back().verb != ops::Verb::create) {
      throw util::Error(util::Errc::conflict,
                        fmt::format("volume '{}' exists in pool '{}' already", volume.name, volume.pool))
          .hint(fmt::format("'vmtool disk resize {} {}' changes its size", volume.name, options->capacity));
    }
    const InterruptGuard interrupt;
    ops::execute(plan, session.connection(), session.reporter(), [&](std::size_t) { interrupt.check(); });
    session.say(fmt::format("created volume '{}' in pool '{}'", volume.name, volume.pool));
    return 0;
  });
}

}  // namespace vmtool::cli
