#include "ops/engine.hpp"

#include <unistd.h>

#include <cstdlib>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

namespace fs = std::filesystem;

constexpr int code_of_missing_program = 127;

bool is_program(const fs::path& path) { return ::access(path.c_str(), X_OK) == 0; }

std::string find_isolate() {
  if (const char* given = std::getenv("VMTOOL_ISOLATE"); given != nullptr && *given != '\0') return given;
  std::error_code failed;
  const fs::path beside = fs::read_symlink("/proc/self/exe", failed).parent_path() / "isolate";
  if (!failed && is_program(beside)) return beside;
  const char* path = std::getenv("PATH");
  for (const std::string& folder : util::split(path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin", ':')) {
    if (!folder.empty() && is_program(fs::path(folder) / "isolate")) return fs::path(folder) / "isolate";
  }
  throw util::Error(util::Errc::unavailable, "the program 'isolate' is not installed, and containers need it")
      .hint("install it beside vmtool");
}

// "isolate: MESSAGE", lines "  while STEP", "hint: HINT".
util::Error error_of(const util::Result& result) {
  std::string message;
  std::string hint;
  std::vector<std::string> steps;
  for (const std::string& line : util::split(util::trim(result.err), '\n')) {
    if (line.starts_with("isolate: ") && message.empty()) message = line.substr(9);
    else if (line.starts_with("  while ")) steps.push_back(line.substr(8));
    else if (line.starts_with("hint: ")) hint = line.substr(6);
    else if (!line.empty()) message += (message.empty() ? "" : "; ") + util::printable(line, 500);
  }
  if (message.empty()) message = fmt::format("isolate ended with code {}", result.exit_code);
  util::Error error(result.exit_code == code_of_missing_program ? util::Errc::not_found : util::Errc::io, message);
  for (const std::string& step : steps) error.add_step(step);
  error.hint(hint);
  return error;
}

}  // namespace

std::vector<std::string> engine_command(const ContainerHome& home, const std::vector<std::string>& words) {
  std::vector<std::string> all{find_isolate(), "--root", home.engine_root()};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

util::Result run_engine(const ContainerHome& home, const std::vector<std::string>& words, std::string input) {
  return util::run({.args = engine_command(home, words), .input = std::move(input)});
}

util::Result run_engine_checked(const ContainerHome& home, const std::vector<std::string>& words, std::string input) {
  util::Result result = run_engine(home, words, std::move(input));
  if (result.exit_code != 0) throw error_of(result);
  return result;
}

}  // namespace vmtool::ops
