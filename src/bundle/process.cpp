#include <algorithm>

#include <fmt/format.h>

#include "bundle/parts.hpp"
#include "util/error.hpp"

namespace vmtool::bundle {
namespace {

constexpr const char* default_path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

void set_variable(std::vector<std::string>& env, const std::string& item) {
  const std::string key = item.substr(0, item.find('=') + 1);
  const auto same =
      std::find_if(env.begin(), env.end(), [&](const std::string& have) { return have.starts_with(key); });
  if (same == env.end()) env.push_back(item);
  else *same = item;
}

std::vector<std::string> environment(const model::ContainerProcess& process, const ImageDefaults& image) {
  std::vector<std::string> env{default_path};
  if (process.terminal) env.emplace_back("TERM=xterm");
  for (const std::string& item : image.env) {
    if (item.find('=') != std::string::npos) set_variable(env, item);
  }
  for (const auto& [name, value] : process.env) set_variable(env, name + "=" + value);
  return env;
}

std::vector<std::string> command(const model::Container& container, const ImageDefaults& image) {
  if (!container.process.args.empty()) return container.process.args;
  std::vector<std::string> args = image.entrypoint;
  args.insert(args.end(), image.cmd.begin(), image.cmd.end());
  if (args.empty()) {
    throw util::Error(util::Errc::invalid_input,
                      fmt::format("container '{}' has no command, and its image names none", container.name))
        .hint("write the program and its arguments as process.args");
  }
  return args;
}

}  // namespace

Json process_json(const model::Container& container, const ConfigFacts& facts) {
  const model::ContainerProcess& process = container.process;
  const ImageDefaults image = facts.image.value_or(ImageDefaults{});
  const model::ContainerUser user = process.user.value_or(image.user.value_or(model::ContainerUser{}));
  Json out;
  out["terminal"] = process.terminal;
  out["user"] = {{"uid", user.uid}, {"gid", user.gid}};
  if (!user.groups.empty()) out["user"]["additionalGids"] = user.groups;
  out["args"] = command(container, image);
  out["env"] = environment(process, image);
  out["cwd"] = process.cwd.value_or(image.cwd.empty() ? "/" : image.cwd);
  const std::vector<std::string>& names = process.capabilities ? *process.capabilities : model::default_capabilities();
  out["capabilities"] = {{"bounding", names}, {"effective", names}, {"permitted", names}};
  if (!process.rlimits.empty()) {
    for (const model::Rlimit& limit : process.rlimits)
      out["rlimits"].push_back({{"type", limit.type}, {"hard", limit.hard}, {"soft", limit.soft}});
  }
  out["noNewPrivileges"] = process.no_new_privileges;
  return out;
}

}  // namespace vmtool::bundle
