#include "bundle/status.hpp"

#include <nlohmann/json.hpp>

namespace vmtool::bundle {
namespace {

std::string text_of(const nlohmann::json& document, const char* key) {
  const auto found = document.find(key);
  return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::int64_t> number_of(const nlohmann::json& document, const char* key) {
  const auto found = document.find(key);
  if (found == document.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

}  // namespace

std::optional<Status> read_status(std::string_view text) {
  const auto document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object()) return std::nullopt;
  Status out;
  out.state = text_of(document, "state");
  if (out.state.empty()) return std::nullopt;
  out.pid = static_cast<int>(number_of(document, "pid").value_or(0));
  out.monitor_pid = static_cast<int>(number_of(document, "monitorPid").value_or(0));
  out.monitor_start_time = static_cast<std::uint64_t>(number_of(document, "monitorStartTime").value_or(0));
  out.started_at = text_of(document, "startedAt");
  out.finished_at = text_of(document, "finishedAt");
  if (const auto code = number_of(document, "exitCode")) out.exit_code = static_cast<int>(*code);
  out.signal = static_cast<int>(number_of(document, "signal").value_or(0));
  const auto oom = document.find("oomKilled");
  out.out_of_memory = oom != document.end() && oom->is_boolean() && oom->get<bool>();
  out.restarts = static_cast<std::uint64_t>(number_of(document, "restarts").value_or(0));
  return out;
}

std::string write_status(const Status& status) {
  const auto text = [](const std::string& value) {
    return value.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(value);
  };
  const nlohmann::ordered_json document{
      {"state", status.state},
      {"pid", status.pid},
      {"monitorPid", status.monitor_pid},
      {"monitorStartTime", status.monitor_start_time},
      {"startedAt", text(status.started_at)},
      {"finishedAt", text(status.finished_at)},
      {"exitCode", status.exit_code ? nlohmann::ordered_json(*status.exit_code) : nlohmann::ordered_json(nullptr)},
      {"signal", status.signal},
      {"oomKilled", status.out_of_memory},
      {"restarts", status.restarts}};
  return document.dump() + "\n";
}

}  // namespace vmtool::bundle
