#include "oci/config_parts.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <array>
#include <utility>

#include "isolation/capability.hpp"
#include "oci/rlimit_name.hpp"
#include "util/text.hpp"

namespace vmtool::oci {
namespace {

using isolation::Process;

constexpr std::uint64_t highest_id = UINT32_MAX - 1;  // 4294967295 means "no id"

std::uint64_t read_capability_set(const JsonReader& capabilities, const char* key) {
  std::uint64_t mask = 0;
  capabilities.each(key, [&](const JsonReader& item) {
    const std::string name = item.text();
    const auto number = isolation::find_capability(name);
    if (!number) item.refuse(fmt::format("there is no capability '{}'", util::printable(name)));
    mask |= isolation::capability_bit(*number);
  });
  return mask;
}

isolation::User read_user(const JsonReader& user) {
  isolation::User out;
  if (const auto uid = user.find("uid")) out.uid = static_cast<uid_t>(uid->unsigned_integer(highest_id));
  if (const auto gid = user.find("gid")) out.gid = static_cast<gid_t>(gid->unsigned_integer(highest_id));
  user.each("additionalGids", [&](const JsonReader& item) {
    out.groups.push_back(static_cast<gid_t>(item.unsigned_integer(highest_id)));
  });
  if (const auto umask = user.find("umask")) out.umask = static_cast<mode_t>(umask->unsigned_integer(0777));
  return out;
}

}  // namespace

Process read_process(const JsonReader& process) {
  Process out;
  out.args = process.texts("args");
  out.env = process.texts("env");
  out.cwd = process.text("cwd", "/");
  if (const auto user = process.find("user")) out.user = read_user(*user);
  if (const auto capabilities = process.find("capabilities")) {
    out.capabilities = {read_capability_set(*capabilities, "bounding"), read_capability_set(*capabilities, "effective"),
                        read_capability_set(*capabilities, "permitted"),
                        read_capability_set(*capabilities, "inheritable"),
                        read_capability_set(*capabilities, "ambient")};
  }
  process.each("rlimits", [&](const JsonReader& item) {
    const std::string name = item.text("type");
    const auto resource = find_rlimit(name);
    if (!resource) item.refuse(fmt::format("there is no resource limit '{}'", util::printable(name)));
    for (const auto& other : out.rlimits) {
      if (other.resource == *resource) item.refuse(fmt::format("the resource limit '{}' is set twice", name));
    }
    const auto soft = item.find("soft");
    const auto hard = item.find("hard");
    if (!soft || !hard) item.refuse("needs soft and hard");
    out.rlimits.push_back({*resource, soft->unsigned_integer(UINT64_MAX), hard->unsigned_integer(UINT64_MAX)});
  });
  if (const auto score = process.find("oomScoreAdj")) out.oom_score_adj = static_cast<int>(score->integer(-1000, 1000));
  out.no_new_privileges = process.boolean("noNewPrivileges", false);
  out.terminal = process.boolean("terminal", false);
  if (const auto size = process.find("consoleSize")) {
    if (const auto rows = size->find("height"))
      out.rows = static_cast<unsigned short>(rows->unsigned_integer(UINT16_MAX));
    if (const auto columns = size->find("width"))
      out.columns = static_cast<unsigned short>(columns->unsigned_integer(UINT16_MAX));
  }
  out.apparmor_profile = process.text("apparmorProfile");
  if (!process.text("selinuxLabel").empty()) process.find("selinuxLabel")->refuse("SELinux labels are not available");
  return out;
}

}  // namespace vmtool::oci
