#include "identity/appliance_line.hpp"

#include <fmt/format.h>

#include "identity/framing.hpp"
#include "identity/serve_keys.hpp"
#include "util/error.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;
using Clock = std::chrono::steady_clock;

class Talk {
 public:
  Talk(ApplianceLine& line, std::chrono::milliseconds limit) : line_(line), limit_(limit), end_(Clock::now() + limit) {}

  void send(const Json& message) {
    std::string bytes = framed(message);
    while (!bytes.empty()) {
      const std::size_t taken = line_.say(bytes);
      bytes.erase(0, taken);
      // Where nothing is taken, something else may have to be heard first; and hearing waits.
      if (taken == 0 && !hear()) throw Error(Errc::io, "the appliance ended before it was told its job");
    }
  }

  /// Absent where the line has ended.
  std::optional<Json> receive() {
    for (;;) {
      if (auto message = heard_.next()) return message;
      if (!hear()) return std::nullopt;
    }
  }

 private:
  bool hear() {
    if (Clock::now() > end_) {
      throw Error(Errc::unavailable, fmt::format("the appliance has not answered for {} s",
                                                 std::chrono::duration_cast<std::chrono::seconds>(limit_).count()));
    }
    const auto bytes = line_.hear();
    if (bytes) heard_.add(*bytes);
    return bytes.has_value();
  }

  ApplianceLine& line_;
  std::chrono::milliseconds limit_;
  Clock::time_point end_;
  Unframer heard_;
};

Report ask(ApplianceLine& line, const Job& job, std::chrono::milliseconds limit) {
  check(job.request.options);
  Talk talk(line, limit);
  talk.send(to_json(job));
  const auto end = serve_keys([&] { return talk.receive(); }, [&](const Json& answer) { talk.send(answer); });
  if (!end) throw Error(Errc::io, "the appliance ended without an answer");
  if (end->contains("error")) throw error_from(end->at("error"));
  if (!end->contains("report")) throw Error(Errc::internal, "the appliance's answer can't be understood");
  return report_from(end->at("report"));
}

}  // namespace

Report renew_over(ApplianceLine& line, const Target& target, const Options& options, std::chrono::milliseconds limit) {
  return ask(line, {Job::Action::renew, {target, options, {}}}, limit);
}

Report show_over(ApplianceLine& line, const Target& target, const Options& options, std::chrono::milliseconds limit) {
  return ask(line, {Job::Action::show, {target, options, {}}}, limit);
}

}  // namespace vmtool::identity
