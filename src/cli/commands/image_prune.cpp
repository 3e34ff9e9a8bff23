#include "cli/image_commands.hpp"
#include "ops/image_users.hpp"

namespace vmtool::cli {

void add_image_prune(Command& image) {
  Command command = image.subcommand("prune", "Remove from the store what no image and no container needs");
  const auto yes = std::make_shared<bool>(false);
  command.flag("-y,--yes", *yes, "Do not ask");
  command.on([yes](Session& session) {
    session.confirm("remove the layers, blobs and broken pulls that nothing needs", *yes);
    const images::Store store = ops::image_store();
    session.say(describe_removed(store.prune(layer_users(store))));
    return 0;
  });
}

}  // namespace vmtool::cli
