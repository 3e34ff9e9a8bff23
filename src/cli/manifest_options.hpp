#pragma once
// -f and --set, for every command that reads manifests.

#include <memory>
#include <string>
#include <vector>

#include "cli/grammar.hpp"
#include "model/document.hpp"

namespace vmtool::cli {

class ManifestOptions {
 public:
  /// Adds -f/--file (repeatable, '-' is standard input) and --set NAME=VALUE (repeatable).
  static std::shared_ptr<ManifestOptions> add_to(Command& command);

  /// Reads every file. Throws Error{invalid_input} with every fault of every file.
  model::Manifest load() const;

 private:
  std::vector<std::string> files_;
  std::vector<std::string> variables_;
};

}  // namespace vmtool::cli
