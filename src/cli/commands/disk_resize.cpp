#include <fmt/format.h>

#include "cli/disk_commands.hpp"
#include "ops/volumes.hpp"
#include "util/bytes.hpp"

namespace vmtool::cli {

void add_disk_resize(Command& disk) {
  Command command =
      disk.subcommand("resize", "Grow a volume, live where a running machine uses it; it is never shrunk");
  const auto argument = add_volume_argument(command);
  const auto size = std::make_shared<std::string>();
  command.argument("SIZE", *size, "Its new size, with a unit: 40GiB");
  command.on([argument, size](Session& session) {
    const util::Bytes capacity = parse_size("SIZE", *size);
    ops::resize_volume(session.connection(), argument->pool, argument->name, capacity);
    session.say(fmt::format("volume '{}' has {} now", argument->name, util::to_text(capacity)));
    return 0;
  });
}

}  // namespace vmtool::cli
