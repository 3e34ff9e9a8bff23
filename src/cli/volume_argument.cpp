#include "cli/disk_commands.hpp"

#include <fmt/format.h>

#include "util/error.hpp"

namespace vmtool::cli {

std::shared_ptr<VolumeArgument> add_volume_argument(Command& command) {
  auto volume = std::make_shared<VolumeArgument>();
  command.argument("NAME", volume->name, "The volume");
  command.option("--pool", "POOL", volume->pool, "Its storage pool (default: default)");
  return volume;
}

util::Bytes parse_size(const std::string& argument, const std::string& text) {
  try {
    return util::parse_bytes(text);
  } catch (const util::Error& error) {
    throw util::Error(util::Errc::usage, fmt::format("{}: {}", argument, error.message())).hint(error.hint());
  }
}

}  // namespace vmtool::cli
