#include "tests/e2e/debian/guest_shell.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>

#include <nlohmann/json.hpp>

#include "tests/support/vmtool_program.hpp"
#include "util/text.hpp"

namespace vmtool::tests {
namespace {

using nlohmann::json;

json ask(const std::string& machine, const json& question) {
  const auto answer = virsh({"qemu-agent-command", machine, question.dump()});
  return answer.exit_code == 0 ? json::parse(answer.out, nullptr, false).value("return", json()) : json();
}

// RFC 4648, as the agent writes what a command said.
std::string decode_base64(const std::string& text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const auto value = alphabet.find(c);
    if (value == alphabet.npos) break;
    bits = (bits << 6) | static_cast<unsigned>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>((bits >> held) & 0xff);
  }
  return out;
}

}  // namespace

bool wait_for_agent(const std::string& machine, std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < end) {
    if (virsh({"qemu-agent-command", machine, R"({"execute":"guest-ping"})"}).exit_code == 0) return true;
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
  return false;
}

std::string inside(const std::string& machine, const std::string& command) {
  const json started =
      ask(machine, {{"execute", "guest-exec"},
                    {"arguments", {{"path", "/bin/sh"}, {"arg", {"-c", command}}, {"capture-output", true}}}});
  if (!started.contains("pid")) {
    ADD_FAILURE() << "the agent of '" << machine << "' runs nothing";
    return "";
  }
  for (int attempt = 0; attempt < 300; ++attempt) {
    const json status = ask(machine, {{"execute", "guest-exec-status"}, {"arguments", {{"pid", started.at("pid")}}}});
    if (status.value("exited", false)) return std::string(util::trim(decode_base64(status.value("out-data", ""))));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  ADD_FAILURE() << "'" << command << "' does not end in '" << machine << "'";
  return "";
}

TEST(GuestShell, DecodesWhatTheAgentSends) {
  EXPECT_EQ(decode_base64("aGVsbG8="), "hello");
  EXPECT_EQ(decode_base64("aGVsbG8h"), "hello!");
  EXPECT_EQ(decode_base64(""), "");
}

}  // namespace vmtool::tests
