// The side of the helper program that vmtool links.
#include <fmt/format.h>

#include "identity/identity.hpp"
#include "identity/wire.hpp"
#include "util/command.hpp"
#include "util/helper_path.hpp"
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
    throw Error(Errc::internal,
                fmt::format("'{}' ended with code {} and said nothing{}", helper_name, result.exit_code,
                            result.err.empty() ? std::string() : ": " + util::printable(util::trim(result.err))));
  }
  Json answer = parse(result.out);
  if (answer.contains("error")) throw error_from(answer.at("error"));
  return answer;
}

}  // namespace

std::filesystem::path find_helper() { return util::find_helper(helper_name, "identity"); }

Report renew(const Request& request) {
  check(request.options);
  const Json answer = ask({Job::Action::renew, request});
  if (answer.contains("needsAppliance"))
    throw OnlyByAppliance(Errc::conflict, "this guest's filesystem can only be edited by the micro-appliance");
  return report_from(answer.at("report"));
}

Report show(const Target& target, const Options& options) {
  check(options);
  return report_from(ask({Job::Action::show, {target, options, {}}}).at("report"));
}

void restore(const std::filesystem::path& undo_file) { ask({Job::Action::restore, {{}, {}, undo_file}}); }

}  // namespace vmtool::identity
