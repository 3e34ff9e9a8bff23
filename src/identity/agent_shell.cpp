#include "identity/agent_shell.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "identity/base64.hpp"
#include "identity/wire.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr auto longest_script = std::chrono::minutes(2);
constexpr auto longest_pause = std::chrono::milliseconds(250);

std::string encoded(const std::string& text) {
  return to_base64({reinterpret_cast<const unsigned char*>(text.data()), text.size()});
}

std::string decoded(const Json& answer, const char* name) {
  const auto text = from_base64(answer.value(name, std::string()));
  if (!text) throw Error(Errc::io, "the guest agent's answer is no base64");
  return *text;
}

// What the guest says is nobody's word but its own.
Json result_of(const std::string& answer) {
  const Json json = Json::parse(answer, nullptr, false);
  if (!json.is_object() || !json.contains("return") || !json.at("return").is_object()) {
    throw Error(Errc::io, fmt::format("the guest agent's answer can't be understood: {}", util::printable(answer)));
  }
  return json.at("return");
}

}  // namespace

std::string AgentShell::run(const std::string& script) const {
  const Json start{
      {"execute", "guest-exec"},
      {"arguments", {{"path", "/bin/sh"}, {"arg", {"-s"}}, {"input-data", encoded(script)}, {"capture-output", true}}}};
  const Json started = result_of(agent_(start.dump()));
  if (!started.contains("pid") || !started.at("pid").is_number_integer())
    throw Error(Errc::io, "the guest agent has started nothing");
  const std::string status = Json{{"execute", "guest-exec-status"}, {"arguments", {{"pid", started.at("pid")}}}}.dump();
  const auto end = std::chrono::steady_clock::now() + longest_script;
  auto pause = std::chrono::milliseconds(10);
  for (;;) {
    const Json answer = result_of(agent_(status));
    if (answer.value("exited", false)) {
      const std::string words = decoded(answer, "err-data");
      if (answer.value("exitcode", -1) != 0)
        throw Error(Errc::io, fmt::format("a script in the guest failed: {}", util::printable(util::trim(words), 600)));
      if (answer.value("out-truncated", false))
        throw Error(Errc::io, "the guest has more to say than its agent can carry");
      return decoded(answer, "out-data");
    }
    if (std::chrono::steady_clock::now() > end)
      throw Error(Errc::unavailable, "the script in the guest does not come to its end");
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, longest_pause);
  }
}

}  // namespace vmtool::identity
