#include "cli/disk_commands.hpp"

namespace vmtool::cli {

std::shared_ptr<VolumeArgument> add_volume_argument(Command& command) {
  auto volume = std::make_shared<VolumeArgument>();
  command.argument("NAME", volume->name, "The volume");
  command.option("--pool", "POOL", volume->pool, "Its storage pool (default: default)");
  return volume;
}

}  // namespace vmtool::cli
