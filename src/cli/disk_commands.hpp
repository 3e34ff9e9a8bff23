#pragma once
// The commands below `disk`; each stands in a file of its own, commands/disk_<word>.cpp.

#include <memory>
#include <string>

#include "cli/grammar.hpp"
#include "util/bytes.hpp"

namespace vmtool::cli {

void add_disk_create(Command& disk);
void add_disk_info(Command& disk);
void add_disk_chain(Command& disk);
void add_disk_resize(Command& disk);
void add_disk_delete(Command& disk);

/// The volume that a command works on.
struct VolumeArgument {
  std::string name;
  std::string pool = "default";
};
std::shared_ptr<VolumeArgument> add_volume_argument(Command& command);

/// A size given on the command line. Throws Error{usage} that names the argument.
util::Bytes parse_size(const std::string& argument, const std::string& text);

}  // namespace vmtool::cli
