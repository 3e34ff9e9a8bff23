// The side of the helper program that vmtool links.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "identity/identity.hpp"
#include "identity/wire.hpp"
#include "util/command.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr const char* helper_name = "vmtool-identity";
// RSA keys and a replay of a large journal under emulation included.
constexpr std::chrono::minutes time_limit{5};

Json ask(const Job& job) {
  util::Command command{{find_helper().native()}};
  command.input = to_json(job).dump();
  command.time_limit = time_limit;
  const util::Result result = util::run(command);
  if (result.out.empty()) {
    throw Error(Errc::internal, fmt::format("'{}' ended with code {} and said nothing{}", helper_name, result.exit_code,
                                            result.err.empty() ? std::string() : ": " + util::printable(util::trim(result.err))));
  }
  Json answer = parse(result.out);
  if (answer.contains("error")) throw error_from(answer.at("error"));
  return answer;
}

bool is_helper(const std::filesystem::path& path) { return ::access(path.c_str(), X_OK) == 0; }

}  // namespace

std::filesystem::path find_helper() {
  if (const char* directory = std::getenv("VMTOOL_LIBEXEC_DIR")) return std::filesystem::path(directory) / helper_name;
  const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  for (const auto& candidate : {own / ".." / "libexec" / "vmtool" / helper_name, own / helper_name, own / ".." / "identity" / helper_name}) {
    if (is_helper(candidate)) return candidate;
  }
  throw Error(Errc::unavailable, fmt::format("the helper program '{}' is not installed", helper_name))
      .hint("install vmtool with 'cmake --install', or name its directory in VMTOOL_LIBEXEC_DIR");
}

Report renew(const Request& request) {
  check(request.options);
  const Json answer = ask({Job::Action::renew, request});
  if (answer.contains("needsAppliance")) throw OnlyByAppliance(Errc::conflict, "this guest's filesystem can only be edited by the micro-appliance");
  return report_from(answer.at("report"));
}

Report show(const Target& target, const Options& options) {
  check(options);
  return report_from(ask({Job::Action::show, {target, options, {}}}).at("report"));
}

void restore(const std::filesystem::path& undo_file) { ask({Job::Action::restore, {{}, {}, undo_file}}); }

}  // namespace vmtool::identity
