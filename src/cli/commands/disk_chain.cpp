#include "cli/disk_commands.hpp"
#include "cli/output.hpp"
#include "ops/volumes.hpp"
#include "util/bytes.hpp"

namespace vmtool::cli {

void add_disk_chain(Command& disk) {
  Command command = disk.subcommand("chain", "Show a volume and the backing files below it, top first");
  const auto argument = add_volume_argument(command);
  command.on([argument](Session& session) {
    const auto size = [](const char* title, const char* key) {
      return Column{title, [key](const Json& row) {
                      return row.at(key).is_null() ? "" : util::to_human({row.at(key).get<std::uint64_t>()});
                    }};
    };
    Listing listing{"chain",
                    {field("PATH", "path"), field("FORMAT", "format"), size("CAPACITY", "capacityBytes"),
                     size("ALLOCATION", "allocationBytes")},
                    {},
                    "path"};
    for (const xml::VolumeFacts& facts : ops::chain_of(session.connection(), argument->pool, argument->name)) {
      const bool outside = facts.name.empty();  // no volume of a pool: only its path is known
      listing.rows.push_back({{"path", facts.path},
                              {"format", facts.format.empty() ? Json(nullptr) : Json(facts.format)},
                              {"capacityBytes", outside ? Json(nullptr) : Json(facts.capacity.count)},
                              {"allocationBytes", outside ? Json(nullptr) : Json(facts.allocation.count)}});
    }
    print(listing, session.globals().output);
    return 0;
  });
}

}  // namespace vmtool::cli
