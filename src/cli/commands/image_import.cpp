#include "cli/image_commands.hpp"
#include "images/import.hpp"
#include "ops/image_users.hpp"

namespace vmtool::cli {
namespace {

struct ImageImportOptions {
  std::string source;
  std::string name;
  std::string reference;
};

}  // namespace

void add_image_import(Command& image) {
  Command command = image.subcommand("import", "Put an image into the store of container images, from files");
  const auto options = std::make_shared<ImageImportOptions>();
  command.argument("SOURCE", options->source,
                   "An OCI layout, a docker archive or the files of a system: a directory or a tar archive");
  command.option("--name", "NAME", options->name, "What it is called in the store (default: as the source says)");
  command.option("--reference", "NAME", options->reference, "Which image, where the source holds several");
  command.on([options](Session& session) {
    const images::ImportRequest request{options->source, options->name, options->reference};
    session.say(describe_image("imported", images::import_image(ops::image_store(), request, session.reporter())));
    return 0;
  });
}

}  // namespace vmtool::cli
