#include "oci/document.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "isolation/capability.hpp"
#include "isolation/mount_option.hpp"
#include "isolation/seccomp.hpp"
#include "isolation/timestamp.hpp"
#include "util/text.hpp"

namespace vmtool::oci {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json, int indent) { return json.dump(indent, ' ', false, Json::error_handler_t::replace); }

/// Annotations and root path are read from the document again: the state keeps nothing twice.
Json annotations_of(const nlohmann::json& config) {
  const auto found = config.find("annotations");
  return found != config.end() && found->is_object() ? Json::parse(found->dump()) : Json::object();
}

Json number_of(const isolation::Cgroup& cgroup, const char* controller, const char* v1_file, const char* v2_file) {
  auto text = cgroup.find_value(controller, v1_file);
  if (!text) text = cgroup.find_value("", v2_file);
  if (!text) return nullptr;
  const auto number = util::parse_decimal(*text);
  return number ? Json(*number) : Json(nullptr);
}

Json cpu_usage(const isolation::Cgroup& cgroup) {
  if (const auto stat = cgroup.find_value("", "cpu.stat")) {
    for (const std::string& line : util::split(*stat, '\n')) {
      if (!line.starts_with("usage_usec ")) continue;
      if (const auto usec = util::parse_decimal(line.substr(11))) return *usec * 1000;
    }
  }
  return nullptr;
}

}  // namespace

std::string state_json(const isolation::State& state, const char* status, int pid, const std::string& config) {
  const auto parsed = nlohmann::json::parse(config, nullptr, false);
  Json out;
  out["ociVersion"] = spec_version;
  out["id"] = state.id;
  out["status"] = status;
  out["pid"] = pid;
  out["bundle"] = state.bundle;
  if (parsed.is_object()) {
    if (parsed.contains("root") && parsed["root"].is_object() && parsed["root"].contains("path") &&
        parsed["root"]["path"].is_string()) {
      const std::string path = parsed["root"]["path"];
      out["rootfs"] = path.starts_with('/') ? path : state.bundle + "/" + path;
    }
    out["annotations"] = annotations_of(parsed);
  }
  out["created"] = state.created;
  out["owner"] = std::to_string(state.owner);
  return dump(out, 2);
}

std::string features_json() {
  Json out;
  out["ociVersionMin"] = "1.0.0";
  out["ociVersionMax"] = spec_version;
  out["hooks"] = {"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"};
  out["mountOptions"] = isolation::known_mount_options();
  Json& os = out["linux"];
  os["namespaces"] = {"cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"};
  os["capabilities"] = isolation::capability_names();
  os["cgroup"] = {{"v1", true}, {"v2", true}, {"systemd", true}, {"systemdUser", true}, {"rdma", false}};
  os["seccomp"] = {
      {"enabled", true},
      {"actions", isolation::seccomp_actions()},
      {"operators", isolation::seccomp_operators()},
      {"archs", isolation::seccomp_architectures()},
      {"knownFlags", {"SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"}}};
  os["apparmor"] = {{"enabled", true}};
  os["selinux"] = {{"enabled", false}};
  os["intelRdt"] = {{"enabled", false}};
  os["mountExtensions"] = {{"idmap", {{"enabled", true}}}};
  return dump(out, 2);
}

std::string list_json(const std::vector<ListItem>& items) {
  Json out = Json::array();
  for (const ListItem& item : items) {
    out.push_back({{"ociVersion", spec_version},
                   {"id", item.state.id},
                   {"pid", item.state.pid},
                   {"status", item.status},
                   {"bundle", item.state.bundle},
                   {"created", item.state.created},
                   {"owner", std::to_string(item.state.owner)}});
  }
  return dump(out, -1);
}

std::string pids_json(const std::vector<int>& pids) { return Json(pids).dump(); }

std::string stats_json(const isolation::Container& container) {
  const isolation::Cgroup& cgroup = container.cgroup();
  Json out;
  out["type"] = "stats";
  out["id"] = container.state().id;
  Json& data = out["data"];
  data["cpu"] = {{"usage", {{"total", cpu_usage(cgroup)}}}};
  data["memory"] = {{"usage",
                     {{"usage", number_of(cgroup, "memory", "memory.usage_in_bytes", "memory.current")},
                      {"limit", number_of(cgroup, "memory", "memory.limit_in_bytes", "memory.max")}}},
                    {"oomKills", cgroup.oom_kills() ? Json(*cgroup.oom_kills()) : Json(nullptr)}};
  data["pids"] = {{"current", cgroup.processes().size()}, {"limit", number_of(cgroup, "pids", "pids.max", "pids.max")}};
  return dump(out, -1);
}

std::string one_line(const util::Error& error) {
  std::string text = error.message();
  for (const std::string& step : error.steps()) text += ", while " + step;
  return util::printable(text, 2000);
}

std::string log_line(const std::string& message) {
  Json out;
  out["level"] = "error";
  out["msg"] = message;
  out["time"] = isolation::timestamp();
  return dump(out, -1);
}

}  // namespace vmtool::oci
