#pragma once
// YAML text → model (MANIFEST language, docs/reference/manifest.md).

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "manifest/diagnostic.hpp"
#include "model/document.hpp"

namespace vmtool::manifest {

/// One file's text. `name` is what diagnostics print; relative paths inside it are relative to its folder.
struct Source {
  std::string name;
  std::string text;
};

struct Options {
  std::map<std::string, std::string> variables;        ///< --set NAME=VALUE, filled in for ${NAME}
  std::vector<std::filesystem::path> template_dirs{};  ///< where `base: NAME` is looked up, first match wins
};

struct ReadResult {
  model::Manifest manifest;             ///< complete only when there are no diagnostics
  std::vector<Diagnostic> diagnostics;  ///< every fault of every document, in order of file and line
};

/// Reads and checks every document of every source. Never throws for what is wrong in the text.
/// Bounds: 4 MiB a source, 64 levels, 100,000 nodes with aliases expanded; what is beyond is one diagnostic.
ReadResult read(std::span<const Source> sources, const Options& options);

}  // namespace vmtool::manifest
