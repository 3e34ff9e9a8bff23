#include "cli/image_commands.hpp"
#include "images/pull.hpp"
#include "ops/image_users.hpp"

namespace vmtool::cli {
namespace {

struct ImagePullOptions {
  images::PullRequest request;
  bool plain = false;
};

}  // namespace

void add_image_pull(Command& image) {
  Command command = image.subcommand("pull", "Fetch an image from a registry into the store of container images");
  const auto options = std::make_shared<ImagePullOptions>();
  command.argument("REFERENCE", options->request.reference,
                   "Such as alpine:3.19 or registry.example/team/web@sha256:…");
  command.option("--name", "NAME", options->request.name, "What it is called in the store (default: as the reference)");
  command.flag("--insecure", options->plain,
               "Also over HTTP, and with any certificate; digests are verified all the same");
  command.on([options](Session& session) {
    if (options->plain) options->request.transport = images::Transport::plain;
    session.say(describe_image("pulled", images::pull_image(ops::image_store(), options->request, session.reporter())));
    return 0;
  });
}

}  // namespace vmtool::cli
