#include "cli/image_commands.hpp"
#include "cli/output.hpp"
#include "ops/image_users.hpp"
#include "util/bytes.hpp"

namespace vmtool::cli {
namespace {

Json image_text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json image_row(const images::StoredImage& image) {
  Json layers = Json::array();
  for (const auto& layer : image.layers) layers.push_back(layer.native());
  const Json process{{"entrypoint", image.config.entrypoint},
                     {"cmd", image.config.cmd},
                     {"env", image.config.env},
                     {"workingDir", image_text_or_null(image.config.working_dir)},
                     {"user", image_text_or_null(image.config.user)},
                     {"stopSignal", image_text_or_null(image.config.stop_signal)}};
  return {{"name", image.name},
          {"digest", image.digest},
          {"architecture", image.architecture},
          {"created", image_text_or_null(image.created)},
          {"sizeBytes", image.size},
          {"config", process},
          {"layers", layers}};
}

}  // namespace

void add_image_list(Command& image) {
  Command command = image.subcommand("list", "List the container images of the store");
  command.on([](Session& session) {
    const Column digest{"DIGEST", [](const Json& row) { return row.at("digest").get<std::string>().substr(0, 19); }};
    const Column size{"SIZE",
                      [](const Json& row) { return util::to_human({row.at("sizeBytes").get<std::uint64_t>()}); }};
    Listing listing{
        "images",
        {field("NAME", "name"), digest, field("ARCHITECTURE", "architecture"), field("CREATED", "created"), size},
        {}};
    for (const images::StoredImage& image_found : ops::image_store().list())
      listing.rows.push_back(image_row(image_found));
    print(listing, session.globals().output);
    return 0;
  });
}

}  // namespace vmtool::cli
