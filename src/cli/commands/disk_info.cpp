#include "cli/disk_commands.hpp"
#include "cli/output.hpp"
#include "ops/volumes.hpp"
#include "util/bytes.hpp"

namespace vmtool::cli {
namespace {

Json volume_record(const ops::VolumeReport& report) {
  const xml::VolumeFacts& facts = report.facts;
  return {{"name", facts.name},
          {"pool", report.pool},
          {"path", facts.path},
          {"format", facts.format},
          {"capacityBytes", facts.capacity.count},
          {"allocationBytes", facts.allocation.count},
          {"compat", or_null(facts.compat)},
          {"backing", or_null(facts.backing_path)},
          {"machines", report.machines},
          {"overlays", report.overlays}};
}

}  // namespace

void add_disk_info(Command& disk) {
  Command command = disk.subcommand("info", "Show a volume: size, backing file, and who uses it");
  const auto argument = add_volume_argument(command);
  command.on([argument](Session& session) {
    Json record = volume_record(ops::describe_volume(session.connection(), argument->pool, argument->name));
    if (session.globals().output == OutputFormat::table) {
      record["capacityBytes"] = util::to_human({record["capacityBytes"].get<std::uint64_t>()});
      record["allocationBytes"] = util::to_human({record["allocationBytes"].get<std::uint64_t>()});
    }
    print_record(record, session.globals().output);
    return 0;
  });
}

}  // namespace vmtool::cli
