#include <fmt/format.h>

#include "cli/image_commands.hpp"
#include "ops/image_users.hpp"
#include "util/text.hpp"

namespace vmtool::cli {
namespace {

struct ImageDeleteOptions {
  std::vector<std::string> names;
  bool yes = false;
};

}  // namespace

void add_image_delete(Command& image) {
  Command command = image.subcommand("delete", "Delete container images; refused while containers stand on them");
  const auto options = std::make_shared<ImageDeleteOptions>();
  command.arguments("NAME", options->names, "Images of the store, by name or digest");
  command.flag("-y,--yes", options->yes, "Do not ask");
  command.on([options](Session& session) {
    const images::Store store = ops::image_store();
    for (const std::string& name : options->names)
      static_cast<void>(store.open_digest(name));  // a name that is wrong is said before the question
    session.confirm(
        fmt::format("delete {} {}", options->names.size() == 1 ? "image" : "images", util::quoted_list(options->names)),
        options->yes);
    for (const std::string& name : options->names) {
      const images::Removed removed = store.remove(name, layer_users(store));
      session.say(fmt::format("deleted image '{}': {}", name, describe_removed(removed)));
    }
    return 0;
  });
}

}  // namespace vmtool::cli
