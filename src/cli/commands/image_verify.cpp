#include <fmt/format.h>

#include "cli/image_commands.hpp"
#include "ops/image_users.hpp"
#include "util/error.hpp"

namespace vmtool::cli {
namespace {

std::vector<std::string> image_names_or_all(const images::Store& store, const std::vector<std::string>& names) {
  if (!names.empty()) return names;
  std::vector<std::string> out;
  for (const images::Descriptor& entry : store.files().read_index()) out.push_back(entry.name);
  return out;
}

}  // namespace

void add_image_verify(Command& image) {
  Command command = image.subcommand("verify", "Read every byte of images again, and compare with their digests");
  const auto names = std::make_shared<std::vector<std::string>>();
  command.optional_arguments("NAME", *names, "Images of the store (default: all)");
  command.on([names](Session& session) {
    const images::Store store = ops::image_store();
    std::size_t damaged = 0;
    for (const std::string& name : image_names_or_all(store, *names)) {
      const std::vector<std::string> faults = store.verify(name, session.reporter());
      for (const std::string& fault : faults) session.reporter().warn(fmt::format("image '{}': {}", name, fault));
      if (faults.empty()) session.say(fmt::format("image '{}' is whole", name));
      else ++damaged;
    }
    if (damaged != 0)
      throw util::Error(util::Errc::io, fmt::format("{} image{} damaged", damaged, damaged == 1 ? " is" : "s are"))
          .hint("delete it, and pull, import or build it again");
    return 0;
  });
}

}  // namespace vmtool::cli
