#include "cli/app.hpp"

#include <CLI/CLI.hpp>

namespace vmtool::cli {

int run(int argc, char** argv) {
  CLI::App app("Virtual machines and containers from one YAML file", "vmtool");
  CLI11_PARSE(app, argc, argv);
  return 0;
}

}  // namespace vmtool::cli
