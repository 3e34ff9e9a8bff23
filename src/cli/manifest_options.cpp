#include "cli/manifest_options.hpp"

#include <unistd.h>

#include <fmt/format.h>

#include "manifest/read.hpp"
#include "manifest/source_text.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::cli {
namespace {

manifest::Source read_source(const std::string& file) {
  if (file == "-") return {"-", util::read_all(STDIN_FILENO, manifest::largest_file)};
  return {file, util::read_file(file, manifest::largest_file)};
}

manifest::Options options_of(const std::vector<std::string>& variables) {
  manifest::Options options;
  for (const std::string& text : variables) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw util::Error(util::Errc::usage, fmt::format("--set takes NAME=VALUE, not '{}'", util::printable(text)));
    }
    options.variables[text.substr(0, equals)] = text.substr(equals + 1);
  }
  options.template_dirs = {"templates", "/etc/vmtool/templates", VMTOOL_DATADIR "/templates"};
  return options;
}

}  // namespace

std::shared_ptr<ManifestOptions> ManifestOptions::add_to(Command& command) {
  auto options = std::make_shared<ManifestOptions>();
  command.required_repeatable("-f,--file", "FILE", options->files_,
                              "Manifest to read; '-' is standard input; may be given several times");
  command.repeatable("--set", "NAME=VALUE", options->variables_,
                     "Value for ${NAME} in the manifest; may be given several times");
  return options;
}

model::Manifest ManifestOptions::load() const {
  const manifest::Options options = options_of(variables_);
  std::vector<manifest::Source> sources;
  for (const std::string& file : files_) sources.push_back(read_source(file));
  manifest::ReadResult result = manifest::read(sources, options);
  if (!result.diagnostics.empty()) throw manifest::to_error(result.diagnostics);
  if (result.manifest.documents.empty()) {
    throw util::Error(util::Errc::invalid_input, "the manifest holds no document")
        .hint("start one with 'kind:' and 'name:'");
  }
  return std::move(result.manifest);
}

}  // namespace vmtool::cli
