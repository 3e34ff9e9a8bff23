#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/guest_names.hpp"
#include "ops/container_copy.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::cli {
namespace {

struct CopyOptions {
  std::string from;
  std::string to;
};

// "NAME:/PATH" of a container; a path of the host has a slash before any colon, or none.
struct CopyEnd {
  std::string container;
  std::string path;
};

CopyEnd parse_end(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos || text.find('/') < colon) return {"", text};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

}  // namespace

void add_cp(Grammar& grammar) {
  Command command = grammar.command("cp", "Copy a file or directory into a running container, or out of it");
  const auto options = std::make_shared<CopyOptions>();
  command.argument("SOURCE", options->from, "PATH, or NAME:/PATH in a container");
  command.argument("DESTINATION", options->to, "NAME:/PATH in a container, or PATH");
  command.on([options](Session& session) {
    const ops::ContainerHome home;
    const CopyEnd from = parse_end(options->from);
    const CopyEnd to = parse_end(options->to);
    if (from.container.empty() == to.container.empty()) {
      throw util::Error(util::Errc::usage, "one of the two is in a container, the other is not")
          .hint("vmtool cp FILE NAME:/PATH, or vmtool cp NAME:/PATH FILE");
    }
    const std::string& name = from.container.empty() ? to.container : from.container;
    if (!is_container(name)) ops::throw_no_container(home, name);
    if (from.container.empty()) ops::copy_into_container(home, name, from.path, to.path, session.reporter());
    else ops::copy_out_of_container(home, name, from.path, to.path, session.reporter());
    return 0;
  });
}

}  // namespace vmtool::cli
