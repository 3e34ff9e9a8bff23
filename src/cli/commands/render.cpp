#include <cstdio>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/manifest_options.hpp"
#include "cli/output.hpp"
#include "ops/render.hpp"
#include "util/error.hpp"

namespace vmtool::cli {
namespace {

struct RenderOptions {
  std::string kind;
  std::string host_uuid;
};

std::optional<util::Uuid> parse_host(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto uuid = util::parse_uuid(text);
  if (!uuid)
    throw util::Error(util::Errc::usage, fmt::format("--host-uuid takes a UUID, not '{}'", text))
        .hint("'virsh capabilities' shows the host's");
  return uuid;
}

}  // namespace

void add_render(Grammar& grammar) {
  Command command = grammar.command(
      "render", "Print the libvirt XML and OCI configurations of manifests; no host is asked, nothing is changed");
  const auto files = ManifestOptions::add_to(command);
  const auto options = std::make_shared<RenderOptions>();
  command.option("--kind", "KIND", options->kind,
                 "Only documents of this kind: VirtualMachine, Network, Volume or Container");
  command.option("--host-uuid", "UUID", options->host_uuid,
                 "Derive UUIDs and MACs as on the host with this libvirt uuid");
  command.on([files, options](Session& session) {
    Listing listing{"documents", {}, {}};
    std::string text;
    for (const ops::Rendered& rendered : ops::render(files->load(), parse_host(options->host_uuid))) {
      if (!options->kind.empty() && rendered.kind != options->kind) continue;
      text += rendered.xml + rendered.config;
      const auto or_null = [](const std::string& one) { return one.empty() ? Json(nullptr) : Json(one); };
      listing.rows.push_back({{"kind", rendered.kind},
                              {"name", rendered.name},
                              {"xml", or_null(rendered.xml)},
                              {"config", or_null(rendered.config)}});
    }
    if (session.globals().output == OutputFormat::table) fmt::print("{}", text);
    else print(listing, session.globals().output);
    return 0;
  });
}

}  // namespace vmtool::cli
